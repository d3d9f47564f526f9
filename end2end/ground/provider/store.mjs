// What the provider remembers while it runs. The package's own memory forgets the oldest after a thousand entries,
// which a long test run reaches: its sessions would end for no reason.
const entries = new Map();
const living = (key) => {
  const entry = entries.get(key);
  if (entry && entry.until < Date.now()) entries.delete(key);
  return entries.get(key)?.payload;
};

setInterval(() => entries.forEach((_entry, key) => living(key)), 60_000).unref();

export class MemoryStore {
  constructor(kind) {
    this.kind = kind;
  }

  key(id) {
    return `${this.kind}:${id}`;
  }

  async upsert(id, payload, expiresIn) {
    entries.set(this.key(id), { payload, until: expiresIn ? Date.now() + expiresIn * 1000 : Infinity });
  }

  async find(id) {
    return living(this.key(id));
  }

  async findByUid(uid) {
    return this.search((payload) => payload.uid === uid);
  }

  async findByUserCode(userCode) {
    return this.search((payload) => payload.userCode === userCode);
  }

  async destroy(id) {
    entries.delete(this.key(id));
  }

  async consume(id) {
    const payload = living(this.key(id));
    if (payload) payload.consumed = Math.floor(Date.now() / 1000);
  }

  async revokeByGrantId(grantId) {
    for (const [key, { payload }] of entries) if (payload.grantId === grantId) entries.delete(key);
  }

  search(matches) {
    for (const key of entries.keys()) {
      const payload = key.startsWith(`${this.kind}:`) ? living(key) : undefined;
      if (payload && matches(payload)) return payload;
    }
    return undefined;
  }
}
