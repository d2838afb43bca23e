// The past in the page: how fast stories are played, how long it takes to go anywhere in them, what they take of memory.
// The module is built as Warren's own page is.

const STORIES = ['shop', 'backlog'];
const WORKS = ['world', 'scene', 'film'];
const ROUNDS = 5;
const ROUND_EVENTS = 20_000;

const number = (value) => Math.round(value).toLocaleString('en');

function timed(work) {
  const started = performance.now();
  work();
  return performance.now() - started;
}

function spread(values) {
  values.sort((a, b) => a - b);
  return { median: values[values.length >> 1], most: values[Math.floor(values.length * 0.95)], max: values.at(-1) };
}

/** Events per second; the works take turns. */
function rates(module, story) {
  const plays = WORKS.map((work) => new module.WebPlay(story, work));
  const rates = plays.map(() => []);
  for (const play of plays) play.run(ROUND_EVENTS);
  for (let round = 0; round < ROUNDS; round += 1) {
    plays.forEach((play, index) => {
      rates[index].push((ROUND_EVENTS * 1_000) / timed(() => play.run(ROUND_EVENTS)));
    });
  }
  for (const play of plays) play.free();
  return rates.map((own) => spread(own).median);
}

/** How long something takes at places anywhere among so many events. */
function measured(module, past, events, work) {
  return spread(Array.from({ length: module.seeks() }, () => {
    const place = past.somewhere(events);
    return timed(() => work(place));
  }));
}

/** Going to places anywhere in a past that grows. A module's memory only grows: each story gets a module of its own. */
function* seeks({ module, memory }, story) {
  const before = memory.buffer.byteLength;
  const past = new module.WebPast(story);
  for (const events of module.sizes()) {
    past.grow(events);
    const bytes = (memory.buffer.byteLength - before) / past.len();
    const queued = past.queued();
    const seek = measured(module, past, events, (place) => past.seek(place));
    yield { events, bytes, queued, seek, target: module.target_ms(events) };
  }
}

/** Changing something at places anywhere. Each change leaves a branch behind. */
function changes(module, story) {
  const events = module.changed();
  const past = new module.WebPast(story);
  past.grow(events);
  const work = (place) => {
    past.seek(place);
    past.change();
  };
  return { events, change: measured(module, past, events, work) };
}

const figures = ({ median, most, max }) =>
  [[median, 'median'], [most, 'p95'], [max, 'max']].map(([ms, name]) => `${ms.toFixed(1).padStart(8)} ms ${name}`).join(' ');

/** Answers an asynchronous sequence of `{ lines, missed }`: what to print, and which targets were missed. */
export async function* measure(load) {
  for (const story of STORIES) {
    const { module } = await load();
    const found = rates(module, story);
    const lines = WORKS.map((work, index) => {
      const what = { world: 'world', scene: 'world, scene', film: 'world, film, past' }[work];
      return `${story.padEnd(8)} ${what.padEnd(22)} ${number(found[index]).padStart(11)} events/s  ${(found[index] / found[0]).toFixed(2).padStart(5)} x world`;
    });
    yield { lines, missed: [] };
  }
  for (const story of STORIES) {
    for (const { events, bytes, queued, seek, target } of seeks(await load(), story)) {
      const what = `${story.padEnd(8)} ${`${number(events)} events`.padEnd(17)}`;
      const met = seek.max < target;
      const lines = [`${what} seek   ${figures(seek)}  target: under ${target} ms, ${met ? 'met' : 'MISSED'}`];
      lines.push(`${what} memory ${number(bytes).padStart(8)} bytes an event, ${number(queued)} queued`);
      yield { lines, missed: met ? [] : [`${story}, ${number(events)} events`] };
    }
    const { events, change } = changes((await load()).module, story);
    yield { lines: [`${story.padEnd(8)} ${`${number(events)} events`.padEnd(17)} change ${figures(change)}`], missed: [] };
  }
}
