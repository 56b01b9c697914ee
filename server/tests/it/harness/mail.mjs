// node mail.mjs PACKAGE HOLD [KEY CERTIFICATE]: a mail server; prints its port, then a line of JSON for what happens.
// The first time that it comes to HOLD (connect, mail, rcpt, data) it says nothing more. To refused@ it says no for good, to
// later@ for now. With key and certificate it asks for STARTTLS, and for the name `gate` and the password `hush`.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [package_, hold, key, certificate] = process.argv.slice(2);
const { SMTPServer } = await import(pathToFileURL(package_));

const say = what => console.log(JSON.stringify(what));
let held = false;
// Whether to go on, and not to hang here.
const passes = stage => {
  say({ at: stage });
  if (stage !== hold || held) return true;
  held = true;
  return false;
};
const no = (code, text) => Object.assign(new Error(text), { responseCode: code });

const secure = key ? { key: readFileSync(key), cert: readFileSync(certificate) } : {};
const server = new SMTPServer({
  ...secure,
  hideSTARTTLS: !key,
  authOptional: !key,
  disabledCommands: key ? [] : ['AUTH'],
  logger: false,
  onAuth: ({ username, password }, session, done) =>
    username === 'gate' && password === 'hush' && session.secure ? done(null, { user: username }) : done(no(535, 'who are you')),
  onConnect: (_, done) => passes('connect') && done(),
  onMailFrom: (_, __, done) => passes('mail') && done(),
  onRcptTo: ({ address }, _, done) => {
    if (!passes('rcpt')) return;
    if (address.startsWith('refused@')) done(no(550, 'nobody of that name'));
    else if (address.startsWith('later@')) done(no(451, 'come again'));
    else done();
  },
  onData: (stream, session, done) => {
    const parts = [];
    stream.on('data', part => parts.push(part));
    stream.on('end', () => {
      say({ to: session.envelope.rcptTo.map(one => one.address), secure: session.secure, mail: Buffer.concat(parts).toString() });
      if (passes('data')) done();
    });
  },
});
server.on('error', () => {});
server.listen(0, '127.0.0.1', () => console.log(server.server.address().port));
