// Downloads a tarball with the code of npm, without unpacking it: node fetch_npm.cjs URL FILE [SHA256]
const { execFileSync } = require("node:child_process");
const { createRequire } = require("node:module");

const [url, path, digest] = process.argv.slice(2);
const root = process.env.NPM_ROOT || execFileSync("npm", ["root", "-g"], { encoding: "utf8" }).trim();
const pacote = createRequire(`${root}/npm/package.json`)("pacote");
const integrity = digest ? `sha256-${Buffer.from(digest, "hex").toString("base64")}` : undefined;
const options = { cache: `${process.env.HOME}/.npm`, timeout: 3000, fetchRetries: 2, fetchRetryMintimeout: 200, integrity };
pacote.tarball.file(url, path, options).catch(error => {
  console.error(String(error));
  process.exitCode = 1;
});
