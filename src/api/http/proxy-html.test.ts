import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { rewriteAddress } from "./proxy-addresses.ts";
import type { ProxiedPlace } from "./proxy-addresses.ts";
import { HtmlAddresses } from "./proxy-html.ts";

const place: ProxiedPlace = { prefix: "/p/proxy", hosts: new Set(["localhost", "api:6443"]) };

const addresses: readonly (readonly [address: string, found: string])[] = [
  ["/x", "/p/proxy/x"],
  ["/", "/p/proxy/"],
  ["/x/?a=/b#/c", "/p/proxy/x/?a=/b#/c"],
  ["http://localhost/x", "/p/proxy/x"],
  ["https://api:6443/x", "/p/proxy/x"],
  ["//localhost/x", "/p/proxy/x"],
  ["/p/proxy/x", "/p/proxy/x"],
  ["http://other/x", "http://other/x"],
  ["//other/x", "//other/x"],
  ["x/y", "x/y"],
  ["?a=/b", "?a=/b"],
  ["#top", "#top"],
  ["mailto:a@b", "mailto:a@b"],
  ["", ""],
];

for (const [address, found] of addresses) test(`the address ${JSON.stringify(address)} is found at ${JSON.stringify(found)}`, () => { assert.equal(rewriteAddress(address, place), found); });

const pages: readonly (readonly [title: string, page: string, rewritten: string])[] = [
  ["a link", '<a href="/x">to</a>', '<a href="/p/proxy/x">to</a>'],
  ["capitals and other quotes", "<IMG Alt='<b>' SRC = '/x'>", "<IMG Alt='<b>' SRC = '/p/proxy/x'>"],
  ["a value without quotes", "<form action=/x method=post>", "<form action=/p/proxy/x method=post>"],
  ["two attributes of a closed tag", '<video src="/a" poster="/b"/>', '<video src="/p/proxy/a" poster="/p/proxy/b"/>'],
  ["no address in another attribute", '<a title="/x" data-href="/y">', '<a title="/x" data-href="/y">'],
  ["no element that has none", '<p href="/x">', '<p href="/x">'],
  ["what a script says is text", '<script src="/s">a < b; "<a href=\\"/x\\">"</script><a href="/y">', '<script src="/p/proxy/s">a < b; "<a href=\\"/x\\">"</script><a href="/p/proxy/y">'],
  ["a comment is not markup", '<!-- <a href="/x"> --><a href="/y">', '<!-- <a href="/x"> --><a href="/p/proxy/y">'],
  ["signs that are no tags", "1 < 2 <3 </ > <", "1 < 2 <3 </ > <"],
  ["a tag that never ends", '<a href="/x', '<a href="/x'],
  ["bytes that are no ASCII", '<title>\xc3\xa4 <a href="/x"></title><base href="/">', '<title>\xc3\xa4 <a href="/x"></title><base href="/p/proxy/">'],
];

function rewrite(pieces: readonly string[]): string {
  const html = new HtmlAddresses((address) => rewriteAddress(address, place));
  return pieces.map((piece) => html.take(piece)).join("") + html.end();
}

for (const [title, page, rewritten] of pages) test(`a page through the proxy: ${title}`, () => { assert.equal(rewrite([page]), rewritten); });

test("in what pieces a page comes changes nothing", () => {
  const page = pages.map(([, text]) => text).join("\n");
  const whole = rewrite([page]);
  fc.assert(fc.property(fc.array(fc.nat(page.length), { maxLength: 40 }), (cuts) => {
    const at = [0, ...cuts.toSorted((a, b) => a - b), page.length];
    assert.equal(rewrite(at.slice(1).map((end, i) => page.slice(at[i], end))), whole);
  }));
});

test("a page without addresses passes as it is", () => {
  const text = fc.array(fc.constantFrom("<", ">", "/", "!", "--", '"', "'", "a", "script", "style", " ", "=", "href", "\n", "x".repeat(5000)), { maxLength: 60 });
  fc.assert(fc.property(text, (parts) => {
    const html = new HtmlAddresses((address) => address);
    assert.equal(parts.map((part) => html.take(part)).join("") + html.end(), parts.join(""));
  }));
});
