// The cluster as its administrator sees it: to make what stories need beside the portal, and to clean up before them.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';

const namespace = 'stowage-work';

type Json = Record<string, any>;
type Labels = Record<string, string>;

const config: Json = JSON.parse(readFileSync(process.env.GROUND_ADMIN_KUBECONFIG!, 'utf8'));
const cluster = config.clusters[0].cluster;
const user = config.users[0].user;
const decoded = (text: string) => Buffer.from(text, 'base64');

export function call(method: string, path: string, body?: Json): Promise<Json> {
  return new Promise((resolve, reject) => {
    const url = new URL(path, cluster.server);
    const ask = request(
      url,
      {
        method,
        ca: decoded(cluster['certificate-authority-data']),
        cert: decoded(user['client-certificate-data']),
        key: decoded(user['client-key-data']),
        servername: cluster['tls-server-name'],
        headers: { accept: 'application/json', 'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json' },
      },
      (answer) => {
        let text = '';
        answer.on('data', (part) => (text += part));
        answer.on('end', () => {
          const ok = (answer.statusCode ?? 500) < 300 || answer.statusCode === 404;
          ok ? resolve(JSON.parse(text)) : reject(new Error(`${method} ${path}: ${answer.statusCode} ${text}`));
        });
      },
    );
    ask.on('error', reject);
    ask.end(body && JSON.stringify(body));
  });
}

/** Where the objects of a kind are, without the kind. */
export const work = (version: string) => `/${version}/namespaces/${namespace}`;

const claims = `${work('api/v1')}/persistentvolumeclaims`;
const pods = `${work('api/v1')}/pods`;
const jobs = `${work('apis/batch/v1')}/jobs`;

/** Asks until it is so; the story's own time limit is the deadline. */
async function until(isSo: () => Promise<boolean>) {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 100));
}

/** A pod that mounts a claim and runs this. The portal knows whose it is by the owner's label. */
async function run(pod: string, claim: string, script: string, labels: Labels) {
  await call('POST', pods, {
    metadata: { name: pod, labels },
    spec: {
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 1,
      securityContext: { runAsNonRoot: true, runAsUser: 1000, fsGroup: 1000, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'main',
          image: process.env.GROUND_IMAGE ?? 'stowage.dev/busybox:1',
          command: ['sh', '-c', script],
          volumeMounts: [{ name: 'data', mountPath: '/data' }],
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ],
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: claim } }],
    },
  });
}

const reaches = (pod: string, phase: string) => until(async () => (await call('GET', `${pods}/${pod}`)).status?.phase === phase);

/** A pod that mounts a claim and runs until it is deleted; it runs when this returns. */
export async function mount(pod: string, claim: string, labels: Labels = {}) {
  await run(pod, claim, 'trap "exit 0" TERM; while :; do sleep 1 & wait $!; done', labels);
  await reaches(pod, 'Running');
}

/** A pod that mounts a claim and has finished when this returns. */
export async function finish(pod: string, claim: string, labels: Labels = {}) {
  await run(pod, claim, 'true', labels);
  await reaches(pod, 'Succeeded');
}

export const unmount = (pod: string) => call('DELETE', `${pods}/${pod}`);

export const podExists = async (pod: string) => (await call('GET', `${pods}/${pod}`)).kind === 'Pod';

export const claimOf = (claim: string) => call('GET', `${claims}/${claim}`);

/** Whether the claim is still there. */
export const claimExists = async (claim: string) => (await claimOf(claim)).kind === 'PersistentVolumeClaim';

export const uidOf = async (claim: string): Promise<string> => (await claimOf(claim)).metadata.uid;

export const deleteClaim = (claim: string) => call('DELETE', `${claims}/${claim}`);

export interface Owner {
  labels: Labels;
  annotations: Labels;
}

/** Whose a claim is, as it says itself: to be copied to what is made without the portal. */
export async function ownerOf(claim: string): Promise<Owner> {
  const { labels, annotations } = (await claimOf(claim)).metadata;
  const only = (all: Labels, keys: string[]) => Object.fromEntries(keys.map((key) => [key, all[key]]));
  return {
    labels: only(labels, ['username', 'stowage.dev/owner']),
    annotations: only(annotations, ['stowage.dev/owner-iss', 'stowage.dev/owner-sub']),
  };
}

/** A claim as somebody makes it with kubectl, marked as the command line marks its volumes. Without a class it names none. */
export async function makeClaim(name: string, { labels, annotations = {} }: Partial<Owner>, className?: string) {
  const id = randomBytes(4).toString('hex');
  const claim = `${name}-${id}`;
  await call('POST', claims, {
    metadata: { name: claim, labels: { 'skypilot-volume': 'true', 'volume-id': id, 'volume-name': name, ...labels }, annotations },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '10Mi' } }, storageClassName: className },
  });
  return { claim, id };
}

const classes = '/apis/storage.k8s.io/v1/storageclasses';

/** While `story` runs, no class is the default. */
export async function withoutDefaultClass(story: () => Promise<void>) {
  const mark = (value: string | null) =>
    call('PATCH', `${classes}/standard`, { metadata: { annotations: { 'storageclass.kubernetes.io/is-default-class': value } } });
  const attempt = { metadata: { generateName: 'a-' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } } };
  await mark(null);
  try {
    // The API server hears of it a moment later.
    await until(async () => !(await call('POST', `${claims}?dryRun=All`, attempt)).spec.storageClassName);
    await story();
  } finally {
    await mark('true');
  }
}

/** While `story` runs, there is a class of this name whose disks are at most so large. */
export async function withLimitedClass(name: string, maxSize: string, story: () => Promise<void>) {
  await call('DELETE', `${classes}/${name}`);
  await call('POST', classes, {
    metadata: { name },
    provisioner: 'loop.csi.stowage.dev',
    parameters: { maxSize },
    volumeBindingMode: 'Immediate',
    reclaimPolicy: 'Delete',
    allowVolumeExpansion: true,
  });
  try {
    await story();
  } finally {
    await call('DELETE', `${classes}/${name}`);
  }
}

const quotas = `${work('api/v1')}/resourcequotas`;

/** While `story` runs, this quota holds. */
export async function withQuota(name: string, hard: Labels, story: () => Promise<void>) {
  await call('DELETE', `${quotas}/${name}`);
  await call('POST', quotas, { metadata: { name }, spec: { hard } });
  try {
    await until(async () => Object.keys((await call('GET', `${quotas}/${name}`)).status?.used ?? {}).length > 0);
    await story();
  } finally {
    await call('DELETE', `${quotas}/${name}`);
  }
}

/** What runs before each file: nobody has anything. */
export async function empty() {
  // Tasks first: a Job would make its pods again.
  await call('DELETE', `${jobs}?propagationPolicy=Background`);
  await call('DELETE', `${pods}?gracePeriodSeconds=0`);
  await call('DELETE', claims);
  await until(async () => {
    const [left, running] = await Promise.all([call('GET', claims), call('GET', pods)]);
    return left.items.length + running.items.length === 0;
  });
}
