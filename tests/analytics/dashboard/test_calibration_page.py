def test_smoke(alice):
    answer = alice.get("/calibration?lang=zh")
    assert answer.status_code == 200, answer.text
    r = alice.post("/calibration/walk", headers={"Origin": "http://localhost"})
    assert alice.get(r.location).status_code == 200
    r = alice.post("/calibration/count", headers={"Origin": "http://localhost"})
    assert alice.get(r.location).status_code == 200
