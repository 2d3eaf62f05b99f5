/** The manifests of deploy/container.md fit the image, the function, and each other. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parse } from 'yaml';
import { type RunningFunction, startFunction } from '../support/function.ts';
import { parseDockerfile } from './image.ts';
import { blocksOf, root } from './pack.ts';

const [config = '', ...manifests] = blocksOf('yaml', 'deploy/container.md');
const byKind = new Map(manifests.map((text) => [parse(text).apiVersion, parse(text)]));
const knative = byKind.get('serving.knative.dev/v1');
const deployment = byKind.get('apps/v1');
const service = byKind.get('v1');
const instructions = parseDockerfile(join(root, 'deploy/Dockerfile'));
const instruction = (name: string) => instructions.findLast((one) => one.keyword === name)?.text;

for (const [name, manifest] of [
  ['Knative service', knative],
  ['Deployment', deployment],
] as const) {
  const { containers, volumes, serviceAccountName } = manifest.spec.template.spec;
  const [container] = containers;

  describe(`the ${name}`, () => {
    test('asks the image’s port for /healthz', () => {
      const port = Number(instruction('EXPOSE'));
      assert.deepEqual(container.ports, [{ containerPort: port }]);
      for (const probe of [container.livenessProbe, container.readinessProbe]) {
        assert.deepEqual(probe, { httpGet: { path: '/healthz', port } });
      }
    });

    test('asks for what the image does not need to be refused', () => {
      assert.match(
        instruction('USER') ?? '',
        /^[1-9]/,
        'a name would not show that it is not root',
      );
      assert.deepEqual(container.securityContext, {
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
        readOnlyRootFilesystem: true,
        runAsNonRoot: true,
      });
      assert.equal(serviceAccountName, 'cancel-hook');
    });

    test('mounts each volume, and each file that the configuration names', () => {
      const paths = new Map(
        container.volumeMounts.map((mount: { name: string; mountPath: string }) => [
          mount.name,
          mount.mountPath,
        ]),
      );
      assert.deepEqual(
        volumes.map((volume: { name: string }) => volume.name),
        [...paths.keys()],
      );
      const env = Object.fromEntries(
        container.env.map((one: { name: string; value: string }) => [one.name, one.value]),
      );
      assert.equal(env.CANCEL_HOOK_CONFIG, `${paths.get('config')}/hook.yaml`);
      const [, secret] = /file:([^"]+)/.exec(config) ?? [];
      assert.equal(secret, `${paths.get('ops-token')}/value`);
    });
  });
}

test('the Service selects the pods of the Deployment, and their port', () => {
  assert.deepEqual(service.spec.selector, deployment.spec.selector.matchLabels);
  assert.deepEqual(service.spec.selector, deployment.spec.template.metadata.labels);
  const [{ targetPort }] = service.spec.ports;
  assert.equal(targetPort, deployment.spec.template.spec.containers[0].ports[0].containerPort);
});

describe('the configuration, with its secret in a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cancel-hook-container-'));
  const secret = join(folder, 'value');
  let hook: RunningFunction;
  before(async () => {
    writeFileSync(secret, 'a-token-of-tests\n');
    const file = join(folder, 'hook.yaml');
    writeFileSync(file, config.replace('/secrets/ops/value', secret));
    hook = await startFunction({ config: file });
  });
  after(async () => {
    await hook.stop();
    rmSync(folder, { recursive: true });
  });

  test('starts, and answers the probe', async () => {
    await hook.http.get('/healthz').expect(200);
  });

  test('lets only the token in', async () => {
    const post = (token: string) =>
      hook.http.post('/ops').set('Authorization', `Bearer ${token}`).send({ name: 'none' });
    await post('another-token-of-tests').expect(401);
    await post('a-token-of-tests').expect(400);
  });
});
