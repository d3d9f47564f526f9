// The cluster as its administrator sees it: to make the pods that stories need, and to clean up before them.
import { readFileSync } from 'node:fs';
import { request } from 'node:https';

const namespace = 'stowage-work';

type Json = Record<string, any>;

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

const claims = `/api/v1/namespaces/${namespace}/persistentvolumeclaims`;
const pods = `/api/v1/namespaces/${namespace}/pods`;

/** Asks until it is so; the story's own time limit is the deadline. */
async function until(isSo: () => Promise<boolean>) {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 100));
}

/** A pod that mounts a claim and runs until it is deleted; it runs when this returns. */
export async function mount(pod: string, claim: string) {
  await call('POST', pods, {
    metadata: { name: pod },
    spec: {
      terminationGracePeriodSeconds: 1,
      securityContext: { runAsNonRoot: true, runAsUser: 1000, fsGroup: 1000, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'main',
          image: process.env.GROUND_IMAGE ?? 'stowage.dev/busybox:1',
          command: ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 1 & wait $!; done'],
          volumeMounts: [{ name: 'data', mountPath: '/data' }],
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ],
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: claim } }],
    },
  });
  await until(async () => (await call('GET', `${pods}/${pod}`)).status?.phase === 'Running');
}

export const unmount = (pod: string) => call('DELETE', `${pods}/${pod}`);

/** Whether the claim is still there. */
export async function claimExists(claim: string) {
  return (await call('GET', `${claims}/${claim}`)).kind === 'PersistentVolumeClaim';
}

export const uidOf = async (claim: string): Promise<string> => (await call('GET', `${claims}/${claim}`)).metadata.uid;

/** What runs before each file: nobody has anything. */
export async function empty() {
  await call('DELETE', `${pods}?gracePeriodSeconds=0`);
  await call('DELETE', claims);
  await until(async () => {
    const [left, running] = await Promise.all([call('GET', claims), call('GET', pods)]);
    return left.items.length + running.items.length === 0;
  });
}
