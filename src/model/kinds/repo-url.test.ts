import assert from "node:assert/strict";
import { test } from "node:test";
import { checkRepoUrl } from "./_repo-url.ts";

const rules = { path: "spec.source.repoURL", isHostedAllowed: true, isInsecureAllowed: true };

test("addresses of repositories are taken", () => {
  for (const url of ["https://git.example/a/b.git", "http://127.0.0.1:3000/a", "capstan://demo"]) assert.deepEqual(checkRepoUrl(url, rules), [], url);
});

test("an address that git or a URL's parser would read as something else is refused", () => {
  for (const url of [
    "--upload-pack=touch x", "ext::sh -c id", "file:///etc", "ssh://-oProxyCommand=x/y", "git@host:x.git", "/srv/x.git",
    "https://host/x\nhost: other", "https://host/x\r\ny", "https://ho\tst/x", "https://host/a b", "https://host\\@other/x", "https://host/x\u0000", "https://host/x\u0085y", "capstan://demo\n", "capstan://../demo",
  ]) assert.equal(checkRepoUrl(url, rules)[0]?.type, "Invalid", JSON.stringify(url));
});
