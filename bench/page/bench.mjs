// Contenders take turns in one page, so that a slow moment of the machine hits all of them.

import { SmqpBed } from './smqp.mjs';

const ROUNDS = 9;
const ROUND_MS = 120;
const READY = 1_000_000;
const PAYLOAD_BYTES = 16;

const TOPOLOGIES = [1, 10, 100, 1_000, 10_000]
  .flatMap((bindings) => [['direct', bindings], ['topic', bindings]])
  .concat([['plain topic', 1_000]])
  .sort(([a, m], [b, n]) => a.localeCompare(b) || m - n);

async function load(folder) {
  const module = await import(`./${folder}/warren_bench.js`);
  const { memory } = await module.default();
  return { Bed: module.WebBed, memory };
}

/** How many messages fill a round; warms up on the way. */
function calibrate(work) {
  for (let size = 64; ; size *= 2) {
    const started = performance.now();
    work(size);
    const tookMs = performance.now() - started;
    if (tookMs > ROUND_MS / 2) return Math.max(1, Math.round((size * ROUND_MS) / tookMs));
  }
}

function spread(values) {
  values.sort((a, b) => a - b);
  return { low: values[0], middle: values[values.length >> 1], high: values.at(-1) };
}

/** Each contender's messages per second, and its ratio to `base`, round by round. */
function compare(contenders) {
  for (const contender of contenders) contender.size = calibrate(contender.work);
  const rates = new Map(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { name, work, size } of contenders) {
      const started = performance.now();
      work(size);
      rates.get(name).push((size * 1_000) / (performance.now() - started));
    }
  }
  return contenders.map(({ name, base }) => {
    const own = rates.get(name);
    const ratio = base && { to: base, ...spread(own.map((rate, round) => rate / rates.get(base)[round])) };
    return { name, rate: spread([...own]).middle, ratio };
  });
}

function contenders(kind, bindings, builds) {
  const smqp = new SmqpBed(kind, bindings);
  const list = [{ name: 'smqp', work: (messages) => smqp.run(messages) }];
  for (const [build, { Bed }] of builds) {
    const bed = new Bed(kind, bindings);
    list.push({ name: build, base: 'smqp', work: (messages) => bed.run(messages) });
    list.push({ name: `${build}, events`, base: build, work: (messages) => bed.run_recording(messages) });
  }
  return list;
}

/** Publishes many messages that nobody consumes yet, then drains the queue. A module's memory only grows: so this comes first. */
function backlog({ Bed, memory }) {
  const before = memory.buffer.byteLength;
  const started = performance.now();
  const bed = Bed.with_ready(READY);
  const published = performance.now();
  const bytes = memory.buffer.byteLength - before;
  const drained = bed.drain();
  const finished = performance.now();
  if (drained !== READY) throw new Error('not every message came through');
  const rate = (tookMs) => (READY * 1_000) / tookMs;
  return { ready: READY, publish: rate(published - started), drain: rate(finished - published), bytes: bytes / READY - PAYLOAD_BYTES };
}

/** Answers an asynchronous sequence of `{ kind, bindings, outcomes }`, before it one `{ backlog }`. */
export async function* measure() {
  const builds = [['fast build', await load('fast')], ['page build', await load('page')]];
  yield { backlog: backlog(builds[0][1]) };
  for (const [kind, bindings] of TOPOLOGIES) {
    yield { kind, bindings, outcomes: compare(contenders(kind, bindings, builds)) };
  }
}
