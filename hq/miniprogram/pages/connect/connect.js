// Opened with `login=<id>` by a scheme, a link or a code. Asks the relay which login that is,
// and sends it two codes that WeChat gives for a tap: who the shopper is, and their number.
// Neither the number nor anything else personal is ever in this program.
const { relay } = require('../../config.js');
const words = require('./words.js');

const OVER = ['unknown', 'expired', 'used'];

function ask(question, data) {
  return new Promise((resolve, reject) => {
    wx.request({
      url: `${relay}/wechat/mini-program/${question}`,
      method: 'POST',
      data,
      timeout: 15000,
      success: ({ statusCode, data: answer }) => {
        if (statusCode === 200) resolve(answer);
        else reject(new Error((answer && answer.error) || 'busy'));
      },
      fail: () => reject(new Error('busy')),
    });
  });
}

function loginCode() {
  return new Promise((resolve, reject) => {
    wx.login({
      success: ({ code }) => (code ? resolve(code) : reject(new Error('busy'))),
      fail: () => reject(new Error('busy')),
    });
  });
}

Page({
  // stage: opening, ready, sending, proved, over; trouble: why the last tap brought nothing.
  data: { words: words.zh, stage: 'opening', matchCode: '', trouble: '' },

  onLoad(query) {
    this.login = query.login || '';
    return this.greet();
  },

  greet() {
    return ask('greet', { login: this.login }).then(
      (answer) => {
        const chosen = words[answer.language] || words.zh;
        this.setData({ stage: 'ready', matchCode: answer.match_code, words: chosen });
      },
      (error) => this.stumble(error),
    );
  },

  // WeChat gives no code if the shopper declines, or if the chain's quota is used up.
  onPhoneNumber(event) {
    const phoneCode = event.detail.code;
    if (!phoneCode) {
      this.setData({ trouble: 'declined' });
      return Promise.resolve();
    }
    this.setData({ stage: 'sending', trouble: '' });
    return loginCode()
      .then((code) => ask('prove', { login: this.login, login_code: code, phone_code: phoneCode }))
      .then(
        () => this.setData({ stage: 'proved' }),
        (error) => this.stumble(error),
      );
  },

  stumble(error) {
    if (OVER.includes(error.message)) {
      this.setData({ stage: 'over', trouble: '' });
      return;
    }
    this.setData({ stage: 'ready', trouble: error.message === 'busy' ? 'busy' : 'failed' });
  },
});
