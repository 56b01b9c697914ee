// An OpenID provider for journeys: `node provider.mjs REDIRECT_URI`. Prints its issuer when it listens.
// Whoever signs in as an e-mail address is the person with that address.
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const server = createServer();
await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  clients: [{
    client_id: 'acequia',
    client_secret: 'of the journey',
    redirect_uris: [process.argv[2]],
    application_type: 'web',
  }],
  pkce: { required: () => true },
  scopes: ['openid', 'email', 'profile'],
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'preferred_username'] },
  conformIdTokenClaims: false,
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({
      sub: id, name: id.split('@')[0], preferred_username: id, email: id, email_verified: true,
    }),
  }),
});
server.on('request', provider.callback());
console.log(issuer);
