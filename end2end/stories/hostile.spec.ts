// Texts that other people and broken programs put into the cluster, on every page: nothing runs, nothing breaks the layout.
import type { Page } from '@playwright/test';
import { call, empty, makeClaim, ownerOf, work } from './support/cluster.js';
import { createVolume, expect, expectStatus, signIn, submitTask, test } from './support/portal.js';

/** Markup, a script, an address that runs, a terminal's escapes, text that turns round, and a word without an end. */
const marker = '<img src=canary';
const canary = `"'>${marker} onerror="window.canary=1"><script>window.canary=1</script></textarea></title>{{7*7}}\u202egnp.\u001b]52;c;YQ==\u0007\u001b[31m\u2028${'W'.repeat(260)}`;
const link = 'javascript:window.canary=1';

test.beforeAll(empty);

const pods = `${work('api/v1')}/pods`;
const jobs = `${work('apis/batch/v1')}/jobs`;
const classes = '/apis/storage.k8s.io/v1/storageclasses';
const volumes = '/api/v1/persistentvolumes';

async function everythingHostile(page: Page) {
  const { claim, id } = await createVolume(page, 'hostile', { className: 'fast', description: canary.slice(0, 180).replace(/[\u0000-\u001f\u2028\u202e]/g, '') });
  const owner = await ownerOf(claim);
  const claims = `${work('api/v1')}/persistentvolumeclaims`;
  const annotations = { 'stowage.dev/description': canary, 'stowage.dev/mount-path': canary, 'created-at': canary, link, 'volume.kubernetes.io/selected-node': canary };
  await makeClaim('by-kubectl', { labels: owner.labels, annotations: { ...owner.annotations, ...annotations } }, 'hostile');
  await makeClaim('of-nobody', { annotations: { ...annotations, 'stowage.dev/owner-iss': canary, 'stowage.dev/owner-sub': canary } }, 'hostile');
  await call('PATCH', `${claims}/${claim}`, { metadata: { annotations } });
  const { metadata } = await call('GET', `${claims}/${claim}`);
  await call('PATCH', `${claims}/${claim}/status`, {
    status: { conditions: [{ type: 'ControllerResizeError', status: 'True', reason: canary, message: canary, lastTransitionTime: metadata.creationTimestamp }] },
  });
  const event = (kind: string, object: { name: string; uid: string }, reason: string) =>
    call('POST', `${work('api/v1')}/events`, {
      metadata: { generateName: 'canary-' },
      involvedObject: { kind, ...object, namespace: metadata.namespace, apiVersion: kind === 'Job' ? 'batch/v1' : 'v1' },
      reason,
      message: canary,
      type: 'Warning',
      source: { component: canary.slice(0, 100) },
      firstTimestamp: metadata.creationTimestamp,
      lastTimestamp: metadata.creationTimestamp,
      count: 1,
    });
  for (const reason of ['ProvisioningFailed', canary.slice(0, 120)]) await event('PersistentVolumeClaim', { name: claim, uid: metadata.uid }, reason);

  const container = {
    name: 'main',
    image: canary.replace(/\s/g, ' ').trim(),
    command: ['sh', '-c', canary],
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
    volumeMounts: [{ name: 'data', mountPath: '/data' }],
  };
  const spec = {
    restartPolicy: 'Never',
    securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [container],
    volumes: [{ name: 'data', persistentVolumeClaim: { claimName: claim } }],
  };
  await call('POST', pods, { metadata: { name: 'canary', ...owner, annotations: { ...owner.annotations, link } }, spec });
  for (const [name, task] of [
    ['canary-aaaaaaa1', JSON.stringify({ name: canary, run: canary, setup: canary, envs: { A: canary }, resources: { image_id: canary }, volumes: { [canary]: canary } })],
    ['canary-aaaaaaa2', canary],
  ]) {
    const { uid } = (
      await call('POST', jobs, {
        metadata: {
          name,
          labels: { 'skypilot-task': 'true', 'task-id': name.slice(-8), 'task-name': 'canary', ...owner.labels },
          annotations: { ...owner.annotations, 'stowage.dev/task': task, 'stowage.dev/claims': canary, 'stowage.dev/complete': 'true', 'stowage.dev/stopped-at': canary },
        },
        spec: { backoffLimit: 0, template: { spec: { ...spec, containers: [{ ...container, volumeMounts: [] }], volumes: [] } } },
      })
    ).metadata;
    await event('Job', { name, uid }, 'FailedCreate');
  }
  await call('DELETE', `${classes}/hostile`);
  await call('POST', classes, {
    metadata: { name: 'hostile', annotations: { description: canary, link } },
    provisioner: 'canary.example',
    parameters: { type: canary },
    mountOptions: [canary],
  });
  await call('DELETE', `${volumes}/hostile`);
  await call('POST', volumes, {
    metadata: { name: 'hostile', annotations: { link } },
    spec: {
      accessModes: ['ReadWriteOnce'],
      capacity: { storage: '1Mi' },
      storageClassName: 'hostile',
      persistentVolumeReclaimPolicy: 'Retain',
      csi: { driver: 'canary.example', volumeHandle: canary, fsType: canary },
    },
  });
  await call('PATCH', `${volumes}/hostile/status`, { status: { phase: 'Failed', reason: canary, message: canary } });
  return id;
}

async function clearedAway() {
  await call('DELETE', `${classes}/hostile`);
  await call('DELETE', `${volumes}/hostile`);
}

/** A task whose log is the canary; its id. */
function hostileTask(page: Page) {
  const printed = canary.replaceAll("'", "'\\''").replace(/[\u0000-\u001f]/g, '?');
  const run = `printf '%s\\033[31m%s\\033]8;;${link}\\007x\\n' canary '${printed}'\nfalse`;
  return submitTask(page, { name: 'prints', envs: { CANARY: '<img src=canary>' }, run });
}

/** Every page that can be reached from these, once for each form of address: those that showed the canary as text. */
async function visited(page: Page, from: string[]) {
  const waiting = [...from];
  const known = new Set<string>();
  const showed: string[] = [];
  while (waiting.length > 0 && known.size < 120) {
    const at = new URL(waiting.shift()!, page.url());
    const form = `${at.pathname}?${[...at.searchParams.keys()].sort().join()}`;
    if (known.has(form) || /^\/(auth|pkg|api)\b|\.(json|csv|yaml)$|download/.test(at.pathname) || at.searchParams.has('format')) continue;
    known.add(form);
    const answer = await page.goto(at.href).catch((error) => {
      if (String(error).includes('Download is starting')) return null;
      throw error;
    });
    if (!answer || !(answer.headers()['content-type'] ?? '').startsWith('text/html')) continue;
    expect(answer.status(), at.href).toBeLessThan(500);
    for (const width of [320, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      const wide = await page.evaluate(() => {
        const { scrollWidth, clientWidth } = document.documentElement;
        const over = [...document.querySelectorAll('main *')].filter((one) => one.getBoundingClientRect().right > clientWidth + 1 && !one.closest('.scroll'));
        return scrollWidth > clientWidth ? over.map((one) => one.outerHTML.slice(0, 160)).slice(0, 4) : [];
      });
      expect.soft(wide, `${form.slice(0, 200)} at ${width} px`).toEqual([]);
    }
    const { ran, made, text, links, bad } = await page.evaluate(() => ({
      ran: 'canary' in window,
      made: document.querySelectorAll('img[src=canary], script:not([nonce]):not([src]):not([type])').length,
      text: document.body.innerText + [...document.querySelectorAll('input, textarea')].map((field) => (field as HTMLInputElement).value).join(' '),
      links: [...document.querySelectorAll('a[href]')].map((a) => (a as HTMLAnchorElement).href),
      bad: [...document.querySelectorAll('a[href]')].map((a) => a.getAttribute('href')!).filter((href) => /^\s*(javascript|data|vbscript):/i.test(href)),
    }));
    expect({ ran, made, bad }, at.href).toEqual({ ran: false, made: 0, bad: [] });
    if (text.includes(marker)) showed.push(form);
    waiting.push(...links.filter((href) => href.startsWith(at.origin)));
  }
  return { showed, known };
}

test('hostile texts of the cluster are text on every page', async ({ page, browser }) => {
  test.setTimeout(300_000);
  expectStatus(400, 403, 404, 409, 422);
  await signIn(page, 'alice');
  try {
    const id = await everythingHostile(page);
    const task = await hostileTask(page);
    await page.goto(`/tasks/${task}`);
    await expect(page.locator('.head .status')).toHaveText('Failed', { timeout: 60_000 });
    const q = encodeURIComponent(canary);
    const mine = await visited(page, [
      `/volumes/${id}`, `/tasks/${task}`, `/tasks/${task}/logs`, '/', '/volumes', '/tasks', '/tasks/new', '/classes', '/help',
      `/volumes?q=${q}`, `/tasks?q=${q}`, `/find?q=${q}`, `/volumes/new?name=${q}&description=${q}&class=${q}&size=${q}`, `/volumes/filters?q=${q}&name=${q}`,
      `/tasks/new?volume=${q}&template=${q}`, `/volumes/${q}`, `/tasks/${q}`, `/${q}`, `/volumes?sort=${q}&columns=${q}&page=${q}`,
    ]);
    expect(mine.known.size).toBeGreaterThan(40);
    for (const form of [`/volumes/${id}?`, `/tasks/${task}?`, `/tasks/${task}/logs?`, '/volumes/new?class,description,name,size']) {
      expect(mine.showed).toContain(form);
    }
    const chief = await (await browser.newContext()).newPage();
    await signIn(chief, 'admin');
    const all = await visited(chief, [
      `/admin/volumes/${id}`, '/admin/volumes', '/admin/pvs', '/admin/tasks', '/admin/audit', '/admin/tokens', '/admin/adopt', '/classes', `/admin/tasks/${task}`,
      `/admin/volumes?q=${q}`, `/admin/audit?q=${q}`, `/admin/volumes/${id}/transfer?to=${q}`,
    ]);
    expect(all.known.size).toBeGreaterThan(40);
    for (const form of [`/admin/volumes/${id}?`, '/admin/volumes?', `/admin/tasks/${task}?`]) expect(all.showed).toContain(form);
  } finally {
    await clearedAway();
  }
});
