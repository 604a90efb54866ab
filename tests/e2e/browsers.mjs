// The two real browsers, pointed at a dead proxy so that nothing they do on their own leaves this machine.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const require = createRequire(new URL('../../web/package.json', import.meta.url));
export const root = fileURLToPath(new URL('../../', import.meta.url));
export const site = `${root}dist/site`;
export const singleFile = `${root}dist/glassformer.html`;

function found(names) {
  const path = names.flatMap((name) => [`/usr/bin/${name}`, `/usr/local/bin/${name}`]).find((file) => existsSync(file));
  if (!path) throw new Error(`none of ${names.join(', ')} is installed; run ./scripts/setup`);
  return path;
}

export async function chromium() {
  const { chromium: engine } = require('playwright-core');
  return engine.launch({
    executablePath: found(['chromium', 'chromium-browser', 'google-chrome']),
    args: ['--no-sandbox', '--proxy-server=127.0.0.1:9', '--proxy-bypass-list=localhost;127.0.0.1'],
  });
}

export async function firefox() {
  const puppeteer = require('puppeteer-core');
  return puppeteer.launch({
    browser: 'firefox',
    executablePath: found(['firefox-esr', 'firefox']),
    headless: true,
    extraPrefsFirefox: {
      'network.proxy.type': 1,
      'network.proxy.http': '127.0.0.1',
      'network.proxy.http_port': 9,
      'network.proxy.ssl': '127.0.0.1',
      'network.proxy.ssl_port': 9,
      'network.proxy.no_proxies_on': 'localhost, 127.0.0.1',
    },
  });
}

export const axeSource = () => require.resolve('axe-core/axe.min.js');
