// Lets the site work without a network from the second visit on (sw.js), once the page runs and has all of its own parts. A
// newer version waits; the page is told of it, and says when it shall take over.

(() => {
  // A page in a frame is somebody else's.
  if (!('serviceWorker' in navigator) || window.top !== window) return;

  const tell = () => dispatchEvent(new Event('warren-newer'));
  let waiting;

  async function register() {
    try {
      const registration = await navigator.serviceWorker.register('sw.js', { updateViaCache: 'none' });
      watch(registration);
    } catch (error) {
      // It works as before, with a network.
      console.info('Warren is not kept for use without a network:', error.message);
    }
  }

  function watch(registration) {
    const look = () => {
      // Without a controller it is the first one, and there is nothing older.
      if (!registration?.waiting || !navigator.serviceWorker.controller) return;
      waiting = registration.waiting;
      tell();
    };
    const follow = () => registration?.installing?.addEventListener('statechange', look);
    look();
    // It may be on its way already.
    follow();
    registration?.addEventListener('updatefound', follow);
  }

  addEventListener('warren-take-over', () => {
    if (!waiting) return;
    navigator.serviceWorker.addEventListener('controllerchange', () => location.reload());
    waiting.postMessage('take over');
  });

  // Whoever waits for the page does not wait for this.
  function begin() {
    const later = globalThis.warrenLater;
    if (later && later.state !== 'here') addEventListener('warren-later', begin, { once: true });
    else setTimeout(register, 1000);
  }
  if (window.wasmBindings) begin();
  else addEventListener('TrunkApplicationStarted', begin, { once: true });
})();
