// Does the work that a page asks for, while its form is filled in. A page has one such form.
//
// The hash is computed here, because browsers offer theirs only to pages over https, and a call of it
// for each number takes longer than the hash.

const field = document.querySelector('input[data-challenge]');
const { challenge, bits } = field.dataset;
const BATCH = 5000;

// The first 32 bits of the fractions of roots of the first primes: FIPS 180-4, sections 4.2.2 and 5.3.3.
const primes = [];
for (let n = 2; primes.length < 64; n += 1) if (primes.every((p) => n % p)) primes.push(n);
const fraction = (x) => ((x - Math.floor(x)) * 2 ** 32) | 0;
const K = Int32Array.from(primes, (p) => fraction(Math.cbrt(p)));
const START = Int32Array.from(primes.slice(0, 8), (p) => fraction(Math.sqrt(p)));

const turn = (x, n) => (x >>> n) | (x << (32 - n));
const w = new Int32Array(64);

// Hashes a block of 64 bytes of `view` at `at` into `state`.
function compress(state, view, at) {
  for (let i = 0; i < 16; i += 1) w[i] = view.getInt32(at + 4 * i);
  for (let i = 16; i < 64; i += 1) {
    const [x, y] = [w[i - 15], w[i - 2]];
    const low = turn(x, 7) ^ turn(x, 18) ^ (x >>> 3);
    const high = turn(y, 17) ^ turn(y, 19) ^ (y >>> 10);
    w[i] = w[i - 16] + low + w[i - 7] + high;
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let i = 0; i < 64; i += 1) {
    const s1 = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25);
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
    const s0 = turn(a, 2) ^ turn(a, 13) ^ turn(a, 22);
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0];
  }
  [a, b, c, d, e, f, g, h].forEach((x, i) => { state[i] += x; });
}

// With how many zero bits the SHA-256 of an ASCII text begins.
function zeroBits(text) {
  const bytes = new Uint8Array(64 * Math.ceil((text.length + 9) / 64));
  for (let i = 0; i < text.length; i += 1) bytes[i] = text.charCodeAt(i);
  bytes[text.length] = 0x80;
  const view = new DataView(bytes.buffer);
  view.setUint32(bytes.length - 4, 8 * text.length);
  const state = START.slice();
  for (let at = 0; at < bytes.length; at += 64) compress(state, view, at);
  return state[0] ? Math.clz32(state[0]) : 32;
}

// Lets the page react between two batches.
const pause = () => new Promise((resolve) => { setTimeout(resolve); });

async function solve() {
  for (let number = 0; ; number += 1) {
    const text = `${challenge}:${number}`;
    if (zeroBits(text) >= Number(bits)) return text;
    if (number % BATCH === BATCH - 1) await pause();
  }
}

const solution = solve();
field.form.addEventListener('submit', async (event) => {
  event.preventDefault();
  for (const button of field.form.querySelectorAll('button')) button.disabled = true;
  field.value = await solution;
  field.form.submit();
});
