// Where the relay (`doorman hq`) is reached: hq.public_url of its settings.
module.exports = { relay: 'https://wifi-login.example.com' };
