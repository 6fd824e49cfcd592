// A provider that is certified for OpenID Connect (https://github.com/panva/node-oidc-provider), with its own pages for
// login, consent and logout. Arguments: the port, and a JSON text {"site": …, "clients": […], "accounts": {sub: claims}}.

import Provider from 'oidc-provider';

const [port, text] = process.argv.slice(2);
const { site, clients, accounts } = JSON.parse(text);
const issuer = `http://127.0.0.1:${port}`;

const provider = new Provider(issuer, {
  clients: clients.map(({ id, secret, entrance }) => ({
    client_id: id,
    client_secret: secret,
    redirect_uris: [`${site}/login/${entrance}/callback/`],
    post_logout_redirect_uris: [`${site}/login/`],
  })),
  claims: {
    openid: ['sub', 'account_type'],
    profile: ['name', 'id_type', 'id_number', 'gender', 'birthdate', 'org_name', 'uscc'],
    email: ['email'],
    phone: ['phone_number'],
  },
  pkce: { required: () => true },
  findAccount: (_, sub) => accounts[sub] && { accountId: sub, claims: () => ({ sub, ...accounts[sub] }) },
  cookies: { keys: ['only for tests'] },
});

provider.listen(Number(port), '127.0.0.1', () => console.log('ready'));
