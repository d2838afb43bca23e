// <warren-player>: Warren, playing, within a page of yours.
//
//   <script src="https://…/warren-player.js" defer></script>
//   <warren-player example="nature" step="40"></warren-player>
//
// Attributes, of the first three one:
//   example   the name of an example that comes with Warren
//   link      a link that Warren's *Share* made, or the part of it from # on
//   src       the address of a scenario file, relative to your page; your page fetches it
//   step      the event to stand at; without it, the beginning
//   controls  "none" for a picture without buttons
//   theme     "light" or "dark"; without it, as the reader's system has it
//
// Methods: load({ example | link | file, step }), play(), pause(), next(), back(), seek(event), and state(), a promise of what
// `state` events say. Events (`ready`, `state`, `event`, `goal`, `error`), whose `detail` has the fields that README.md lists.
//
// What goes between it and the frame are the messages of protocol 1; who wants no element of ours can send them alone.

(() => {
  'use strict';

  const PROTOCOL = 1;
  const HEIGHT = 360;
  const here = new URL('./', document.currentScript.src);

  /** The part from # on that opens something as a player. */
  function fragment({ example, link, step }) {
    let address = '#/example/nature';
    if (example) address = `#/example/${encodeURIComponent(example)}`;
    if (link) address = link.slice(Math.max(link.indexOf('#'), 0));
    const said = [];
    if (step !== undefined && step !== null && step !== '') said.push(`cursor=${encodeURIComponent(step)}`);
    if (!/[?&]playing=/.test(address)) said.push('playing=false');
    if (!/[?&]player$/.test(address)) said.push('player');
    // What is said last prevails; `player` stands at the end.
    const [path, query = ''] = address.replace(/[?&]player$/, '').split('?');
    const parts = [query, ...said.filter((part) => part !== 'player'), 'player'].filter((part) => part !== '');
    return `${path}?${parts.join('&')}`;
  }

  class WarrenPlayer extends HTMLElement {
    static observedAttributes = ['src', 'link', 'example', 'step', 'controls', 'theme'];

    #frame = null;
    #isReady = false;
    #waiting = [];
    #asked = [];
    #onMessage = (event) => this.#hear(event);

    connectedCallback() {
      if (!this.shadowRoot) this.attachShadow({ mode: 'open' });
      window.addEventListener('message', this.#onMessage);
      this.#begin();
    }

    disconnectedCallback() {
      window.removeEventListener('message', this.#onMessage);
      this.#frame?.remove();
      this.#frame = null;
      this.#isReady = false;
      this.#waiting = [];
    }

    attributeChangedCallback(name, before, after) {
      if (this.#frame && before !== after) this.#begin();
    }

    load(what) {
      this.#send({ type: 'load', ...what });
    }

    play() {
      this.#send({ type: 'play' });
    }

    pause() {
      this.#send({ type: 'pause' });
    }

    next() {
      this.#send({ type: 'next' });
    }

    back() {
      this.#send({ type: 'back' });
    }

    seek(event) {
      this.#send({ type: 'seek', cursor: event });
    }

    state() {
      return new Promise((resolve) => {
        this.#asked.push(resolve);
        this.#send({ type: 'get-state' });
      });
    }

    #begin() {
      const query = new URLSearchParams({ embed: location.origin });
      for (const name of ['controls', 'theme']) {
        if (this.hasAttribute(name)) query.set(name, this.getAttribute(name));
      }
      const attribute = (name) => this.getAttribute(name) ?? undefined;
      const src = attribute('src');
      const frame = document.createElement('iframe');
      frame.title = this.getAttribute('title') ?? 'RabbitMQ, running';
      frame.allow = 'fullscreen';
      frame.style.cssText = `display: block; width: 100%; height: ${HEIGHT}px; border: 0;`;
      const opened = src ? {} : { example: attribute('example'), link: attribute('link'), step: attribute('step') };
      frame.src = new URL(`embed.html?${query}${fragment(opened)}`, here).href;
      this.#isReady = false;
      this.#waiting = [];
      this.#frame = frame;
      this.shadowRoot.replaceChildren(frame);
      if (this.style.display === '') this.style.display = 'block';
      if (src) this.#fetch(src, attribute('step'));
    }

    async #fetch(src, step) {
      const frame = this.#frame;
      try {
        const answer = await fetch(new URL(src, document.baseURI));
        if (!answer.ok) throw new Error(`the site answers ${answer.status}`);
        const file = await answer.text();
        // Meanwhile another one may have been asked for.
        if (this.#frame === frame) this.load({ file, step: step === undefined ? undefined : Number(step) });
      } catch (error) {
        if (this.#frame === frame) this.#tell('error', { message: `${src}: ${error.message}` });
      }
    }

    #send(message) {
      if (!this.#isReady) {
        this.#waiting.push(message);
        return;
      }
      this.#frame?.contentWindow?.postMessage({ warren: PROTOCOL, ...message }, here.origin);
    }

    #hear(event) {
      const { data, source, origin } = event;
      if (source === null || source !== this.#frame?.contentWindow || origin !== here.origin) return;
      if (data?.warren !== PROTOCOL || typeof data.type !== 'string') return;
      const { warren, type, ...detail } = data;
      if (type === 'ready') {
        this.#isReady = true;
        this.#waiting.splice(0).forEach((message) => this.#send(message));
      }
      if (type === 'resize' && Number.isFinite(detail.height)) {
        this.#frame.style.height = `${Math.round(detail.height)}px`;
      }
      if (type === 'state') this.#asked.splice(0).forEach((resolve) => resolve(detail));
      this.#tell(type, detail);
    }

    #tell(type, detail) {
      this.dispatchEvent(new CustomEvent(type, { detail }));
    }
  }

  if (!customElements.get('warren-player')) customElements.define('warren-player', WarrenPlayer);
})();
