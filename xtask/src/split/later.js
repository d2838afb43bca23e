
// --- Two modules: the first, which shows the page running, and the later one with all the rest. ---
//
// The later one is fetched when the first runs. It shares memory and table with the first and puts its functions where
// placeholders stand until then; whoever calls a placeholder makes it come at once, and is answered by the right one.

const later = { state: 'loading', forced: [], load };
globalThis.warrenLater = later;
const laterUrl = new URL('LATER_FILE', import.meta.url);
let laterImports;

function withPlaceholders(imports) {
    laterImports = imports;
    const placeholder = (name) => (...given) => {
        loadNow(name);
        return laterImports.first.TABLE_NAME.get(parseInt(name, 36))(...given);
    };
    return { ...imports, later: new Proxy({}, { get: (_, name) => placeholder(name) }) };
}

function firstIsHere(instance) {
    laterImports = { ...laterImports, first: instance.exports };
}

// What a service worker serves is beside the page already, and what is asked for at once would pass the worker by: there the
// later one comes first.
function begin(start) {
    if (navigator.serviceWorker?.controller) {
        load().then(start);
    } else {
        start();
        loadSoon();
    }
}

function loadSoon() {
    // What is in the way of the first picture comes after it; a page that nobody sees has no frames.
    requestAnimationFrame(() => setTimeout(load));
    setTimeout(load, 1000);
}

function tell(state) {
    later.state = state;
    dispatchEvent(new Event('warren-later'));
    if (state === 'here') setTimeout(serve);
    if (state === 'failed') forget();
}

// How the later one looks; it is there before anything of it is drawn.
let sheet;
function dress() {
    sheet ??= new Promise((dressed, failed) => {
        const link = document.createElement('link');
        link.rel = 'stylesheet';
        link.href = new URL('LATER_SHEET', import.meta.url);
        link.onload = dressed;
        link.onerror = () => {
            link.remove();
            sheet = undefined;
            failed(new Error(link.href));
        };
        document.head.append(link);
    });
    return sheet;
}

let loading = false;
async function load() {
    if (loading || later.state === 'here') return;
    loading = true;
    if (later.state === 'failed') tell('loading');
    try {
        const [answer] = await Promise.all([fetch(laterUrl), dress()]);
        if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`);
        const module = await WebAssembly.compile(await answer.arrayBuffer());
        // Once and no more: it brings data, which whoever called for it meanwhile may have changed since.
        if (later.state !== 'here') {
            new WebAssembly.Instance(module, laterImports);
            tell('here');
        }
    } catch (error) {
        console.error('The rest of the page could not be loaded:', error);
        if (later.state !== 'here') tell('failed');
    }
    loading = false;
}

// Somebody was faster than the network. Nobody can wait inside of a call, so the page does.
function loadNow(name) {
    if (later.state === 'here') return;
    later.forced.push(name);
    dress().catch(() => {});
    const request = new XMLHttpRequest();
    request.open('GET', laterUrl, false);
    request.overrideMimeType('text/plain; charset=x-user-defined');
    request.send();
    if (request.status !== 200) throw new Error(`The rest of the page could not be loaded: ${request.status}`);
    const bytes = Uint8Array.from(request.responseText, (letter) => letter.charCodeAt(0));
    new WebAssembly.Instance(new WebAssembly.Module(bytes), laterImports);
    // Not in the midst of whatever has called.
    later.state = 'here';
    setTimeout(() => tell('here'));
}

// What people do meanwhile. Whatever listens to them may be in the later part, so what is done is kept until that is there,
// with a word that it loads, and is served then, in its order. Movements, of pointers and of the focus, are of the moment:
// nobody misses them later. Nor is it remembered where a page was that is left before it is whole.
const PRESSES = ['pointerdown', 'pointerup', 'pointercancel', 'mousedown', 'mouseup', 'click', 'dblclick', 'contextmenu',
    'touchstart', 'touchend', 'touchcancel', 'keydown', 'keyup', 'input', 'change', 'submit'];
const MOVEMENTS = ['pointermove', 'pointerover', 'pointerout', 'pointerenter', 'pointerleave', 'mousemove', 'mouseover',
    'mouseout', 'mouseenter', 'mouseleave', 'touchmove', 'wheel', 'focus', 'blur', 'focusin', 'focusout', 'pagehide'];
const kept = [];
let word;

function isHeld(event) {
    const is = event.isTrusted && (later.state !== 'here' || kept.length > 0);
    if (is) event.stopImmediatePropagation();
    return is;
}

function keep(event) {
    if (!isHeld(event)) return;
    const isClick = event.type === 'click';
    // What the browser itself does with a click it does when that is served.
    if (isClick) event.preventDefault();
    if (later.state === 'failed' && !isClick) return;
    kept.push([event.target, new event.constructor(event.type, event)]);
    if (later.state === 'failed') load();
    word ??= sayThatItLoads();
}

function sayThatItLoads() {
    const element = document.createElement('p');
    element.className = 'on-its-way';
    element.setAttribute('role', 'status');
    element.textContent = 'Loading the rest of the page\u2026';
    return document.body.appendChild(element);
}

function forget() {
    kept.length = 0;
    word?.remove();
    word = undefined;
}

async function serve() {
    while (kept.length > 0) {
        const [target, event] = kept[0];
        if (target.isConnected) target.dispatchEvent(event);
        // What it brings about is done before the next.
        await new Promise((resolve) => setTimeout(resolve));
        kept.shift();
    }
    forget();
}

for (const type of PRESSES) addEventListener(type, keep, { capture: true });
for (const type of MOVEMENTS) addEventListener(type, isHeld, { capture: true, passive: true });
