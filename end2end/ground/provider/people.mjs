// Who can sign in? Someone in no group has no `groups` claim at all, as with most providers.
export const PASSWORD = 'stowage';

export const people = [
  { login: 'alice', sub: 'a11ce000-5d1f-4c7e-9a52-1f0c6e1d0001', name: 'Alice Nguyen', email: 'alice@example.org' },
  { login: 'bob', sub: 'b0b00000-8e44-4d0b-8c1b-77ad3c9e0002', name: 'Bob Okafor', email: 'bob@example.org' },
  { login: 'admin', sub: 'ad314000-27c9-4f63-b0de-5c2f8ab40003', name: 'Ada Admin', email: 'admin@example.org', groups: ['stowage-admins'] },
];

// For measurements with many people: member-1, member-2 and so on, each their own subject.
const member = (login) => (/^member-[1-9]\d{0,3}$/.test(login) ? { login, sub: login, name: `Member ${login.slice(7)}`, email: `${login}@example.org` } : undefined);

export const findUser = (login, password) => (password === PASSWORD ? (people.find((person) => person.login === login) ?? member(login)) : undefined);

export async function findAccount(_ctx, sub) {
  const person = people.find((candidate) => candidate.sub === sub) ?? member(sub);
  return person && {
    accountId: sub,
    claims: async () => ({
      sub,
      name: person.name,
      preferred_username: person.login,
      email: person.email,
      email_verified: true,
      ...(person.groups && { groups: person.groups }),
    }),
  };
}
