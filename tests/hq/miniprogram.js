// Runs the mini-program's page outside WeChat: `node miniprogram.js FOLDER RELAY LOGIN CODES…`
// where a code stands for a tap, and `-` for a tap after which the shopper declined.
const path = require('node:path');

const [folder, relay, login, ...taps] = process.argv.slice(2);
const config = require(path.join(folder, 'config.js'));
config.relay = relay;

global.wx = {
  request({ url, method, data, success, fail }) {
    fetch(url, { method, body: JSON.stringify(data), headers: { 'content-type': 'application/json' } })
      .then(async (answer) => success({ statusCode: answer.status, data: await answer.json() }))
      .catch(fail);
  },
  login({ success }) {
    success({ code: `login-of-${login}` });
  },
};

const seen = [];
global.Page = (page) => {
  page.setData = (values) => Object.assign(page.data, values);
  const note = () => {
    const { words, ...rest } = page.data;
    seen.push({ ...rest, title: words.title });
  };
  const run = async () => {
    await page.onLoad({ login });
    note();
    for (const code of taps) {
      await page.onPhoneNumber({ detail: code === '-' ? { errMsg: 'fail' } : { code } });
      note();
    }
    console.log(JSON.stringify(seen));
  };
  run();
};
require(path.join(folder, 'pages/connect/connect.js'));
