-- For wrk: what it measured, as one line of JSON. Its latencies are in microseconds.
function done(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  local answered = summary.requests > 0
  io.write(string.format(
    '{"rate": %.2f, "p50": %s, "p99": %s, "failed": %d}\n',
    1e6 * summary.requests / summary.duration,
    answered and string.format("%.3f", latency:percentile(50) / 1000) or "Infinity",
    answered and string.format("%.3f", latency:percentile(99) / 1000) or "Infinity",
    failed))
end
