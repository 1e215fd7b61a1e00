// A browser without scripts: it keeps cookies, follows redirects and fills in the form that it sees.

/** Visits `start`, signs in on the pages, and returns the URL of the client that it comes back to. */
export async function signInAt(start, callback, { email, password }) {
  const cookies = new Map();
  let request = { url: String(start) };
  for (let step = 0; step < 20; step += 1) {
    if (request.url.startsWith(callback)) return new URL(request.url);
    const response = await send(request, cookies);
    const location = response.headers.get('location');
    if (location) {
      request = { url: new URL(location, request.url).href };
    } else {
      const page = await response.text();
      if (!response.ok) throw new Error(`${response.status}: ${page}`);
      request = filled(page, request.url, { email, password, decision: 'allow' });
    }
  }
  throw new Error('the sign-in does not end');
}

async function send({ url, body }, cookies) {
  const headers = { cookie: [...cookies].map((pair) => pair.join('=')).join('; ') };
  if (body) Object.assign(headers, { origin: new URL(url).origin });
  const method = body ? 'POST' : 'GET';
  const response = await fetch(url, { method, headers, body, redirect: 'manual' });
  for (const header of response.headers.getSetCookie()) {
    const [name, value] = header.split(';')[0].split(/=(.*)/s);
    cookies.set(name, value);
  }
  return response;
}

/** The first form of a page, with these values in the fields and buttons that it has. */
function filled(page, url, values) {
  const [form] = page.match(/<form [^]*?<\/form>/);
  const attribute = (tag, name) => tag.match(new RegExp(`${name}="([^"]*)"`))?.[1];
  const body = new URLSearchParams();
  for (const [tag] of form.matchAll(/<(?:input|button) [^>]*>/g)) {
    const name = attribute(tag, 'name');
    if (name && !body.has(name)) body.set(name, values[name] ?? attribute(tag, 'value'));
  }
  return { url: new URL(attribute(form, 'action'), url).href, body };
}
