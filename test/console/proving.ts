/** Proofs, good and bad, and how much of one may be shown. */

import type { Sent, World } from '../fixtures/fixture.ts';
import type { Sender } from './callers.ts';

interface Way {
  readonly label: string;
  fits(sender: Sender): boolean;
  send(sender: Sender, world: World, body: string): Sent;
}

/** By the names under which the page asks for them; the first is the usual one. */
const WAYS: Readonly<Record<string, Way>> = {
  right: {
    label: 'the right secret',
    fits: () => true,
    send: (sender, world, body) => sender.send(world, body),
  },
  foreign: {
    label: 'a wrong secret',
    fits: () => true,
    send: (sender, world, body) => sender.send(world, body, { secret: 'foreign' }),
  },
  missing: {
    label: 'none',
    fits: () => true,
    send: (sender, world, body) =>
      sender.proof.reduce((sent, part) => part.set(sent, undefined), sender.send(world, body)),
  },
  stale: {
    label: 'too old',
    fits: ({ timed }) => timed !== undefined,
    send: (sender, world, body) =>
      sender.send(world, body, { at: world.now - (sender.timed?.stale ?? 0) }),
  },
  altered: {
    label: 'of another body',
    fits: ({ coversBody }) => coversBody,
    send: (sender, world, body) => ({ ...sender.send(world, `${body} `), body }),
  },
};

export function waysToProve(sender: Sender): { id: string; label: string }[] {
  return Object.entries(WAYS)
    .filter(([, way]) => way.fits(sender))
    .map(([id, { label }]) => ({ id, label }));
}

/** @returns undefined where there is no such way to prove it */
export function prove(id: string, sender: Sender, world: World, body: string): Sent | undefined {
  const way = Object.hasOwn(WAYS, id) ? WAYS[id] : undefined;
  return way?.fits(sender) ? way.send(sender, world, body) : undefined;
}

/** Enough of a signature to tell two apart, and nothing of a secret. */
const SIGNATURE_SHOWN = 8;
/** Times and ids, which stand beside a signature, are shorter. */
const SHORT = 16;

/** The request as the page may see it. */
export function shown(sent: Sent, { proof, coversBody }: Sender): Sent {
  const cut = proof.reduce((shortened, part) => {
    const value = part.get(shortened);
    if (value === '') return shortened;
    const rest = value.startsWith(part.prefix) ? value.slice(part.prefix.length) : value;
    if (coversBody && rest.length <= SHORT) return shortened;
    const visible = coversBody ? rest.slice(0, SIGNATURE_SHOWN) : '';
    return part.set(shortened, `${part.prefix}${visible}…`);
  }, sent);
  const { query } = cut;
  return query === undefined ? cut : { ...cut, query: decodeURIComponent(query) };
}
