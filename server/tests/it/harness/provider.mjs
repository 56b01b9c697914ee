// node provider.mjs PACKAGE PORT CALLBACK CLIENT: prints its issuer when it is ready. Any login is somebody.
import { createServer } from 'node:http';
import { generateKeyPairSync } from 'node:crypto';
import { pathToFileURL } from 'node:url';

const [package_, port, callback, client] = process.argv.slice(2);
const { Provider } = await import(pathToFileURL(package_));

const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });
const server = createServer();
server.listen(Number(port), '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: client, redirect_uris: [callback], token_endpoint_auth_method: 'none' }],
    pkce: { required: () => true },
    jwks: { keys: [{ ...key, use: 'sig', alg: 'RS256' }] },
    cookies: { keys: ['tests'] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, name: id, email: `${id}@example.org`, email_verified: true }),
    }),
  });
  server.on('request', provider.callback());
  console.log(issuer);
});
