import { apply, create, update } from "./scenario.ts";
import type { Scenario, Step } from "./scenario.ts";
import type { JsonObject } from "../../../src/value/json.ts";

const kind = "Widget";
const spec = (members: JsonObject): JsonObject => ({ spec: members });
const as = (manager: string, members: JsonObject, isForced = false): Step => apply(manager, spec(members), { isForced });
const changed = (members: JsonObject): Step => update("u", spec(members));
const made = (members: JsonObject): Step => create("u", spec(members));
const conflict = (path: string) => `Apply failed with 1 conflict: conflict with "a": .spec.${path}`;

const scalars: Readonly<Record<string, Scenario>> = {
  "text": { kind, steps: [as("a", { text: "1" })], has: spec({ text: "1" }), owners: { a: ".spec.text" } },
  "text of another": { kind, steps: [as("a", { text: "1" }), as("b", { text: "2" })], refused: conflict("text") },
  "a number": { kind, steps: [as("a", { size: 1 }), as("a", { size: 2 })], has: spec({ size: 2 }), owners: { a: ".spec.size" } },
  "zero": { kind, steps: [as("a", { size: 1 }), as("a", { size: 0 })], has: spec({ size: 0 }), owners: { a: ".spec.size" } },
  "a number of another": { kind, steps: [as("a", { size: 1 }), as("b", { size: 2 })], refused: conflict("size") },
  "the empty text": { kind, steps: [as("a", { text: "" })], has: spec({ text: "" }), owners: { a: ".spec.text" } },
  "a number or a text": { kind, steps: [as("a", { share: 1 }), as("a", { share: "25%" })], has: spec({ share: "25%" }), owners: { a: ".spec.share" } },
  "a default is nobody's": { kind, steps: [as("a", { text: "1" })], has: spec({ defaulted: "d" }), owners: { a: ".spec.text" } },
  "a default may be taken": { kind, steps: [as("a", { text: "1" }), as("b", { defaulted: "x" })], has: spec({ defaulted: "x" }), owners: { a: ".spec.text", b: ".spec.defaulted" } },
  "a default may be specified": { kind, steps: [as("a", { defaulted: "d" })], has: spec({ defaulted: "d" }), owners: { a: ".spec.defaulted" } },
  "a default comes back": { kind, steps: [as("a", { text: "1", defaulted: "x" }), as("a", { text: "1" })], has: spec({ defaulted: "d" }), owners: { a: ".spec.text" } },
  "a default belongs to who creates": { kind, steps: [made({ text: "1" })], owners: { "u*": ".spec .spec.defaulted .spec.text" } },
  "a default of who created is a conflict": { kind, steps: [made({ text: "1" }), as("a", { defaulted: "x" })], refused: 'Apply failed with 1 conflict: conflict with "u" using x.example.com/v1: .spec.defaulted' },
  "a null where it may be": { kind, steps: [as("a", { nullable: null })], owners: { a: ".spec.nullable" } },
  "several scalars of several": { kind, steps: [as("a", { text: "1" }), as("b", { size: 1 }), as("c", { share: 1 })], owners: { a: ".spec.text", b: ".spec.size", c: ".spec.share" } },
  "an unknown field of a definition's kind": { kind, steps: [as("a", { nope: 1 })], refused: /Kind=Widget\): \.spec\.nope: field not declared in schema/ },
};

const maps: Readonly<Record<string, Scenario>> = {
  "a map's entries": { kind, steps: [as("a", { map: { x: "1" } }), as("b", { map: { y: "1" } })], has: spec({ map: { x: "1", y: "1" } }), owners: { a: ".spec.map.x", b: ".spec.map.y" } },
  "a map's entry of another": { kind, steps: [as("a", { map: { x: "1" } }), as("b", { map: { x: "2" } })], refused: conflict("map.x") },
  "a map's entry goes": { kind, steps: [as("a", { map: { x: "1", y: "1" } }), as("a", { map: { y: "1" } })], has: spec({ map: { x: null, y: "1" } }), owners: { a: ".spec.map.y" } },
  "a map's last entry goes": { kind, steps: [as("a", { text: "1", map: { x: "1" } }), as("a", { text: "1" })], has: spec({ map: null }), owners: { a: ".spec.text" } },
  "an empty map": { kind, steps: [as("a", { map: {} })], has: spec({ map: {} }), owners: { a: ".spec.map" } },
  "a map emptied by its owner": { kind, steps: [as("a", { map: { x: "1" } }), as("a", { map: {} })], has: spec({ map: null }), owners: { a: ".spec.map" } },
  "an empty map leaves others' entries": { kind, steps: [as("a", { map: { x: "1" } }), as("b", { map: {} })], has: spec({ map: { x: "1" } }), owners: { a: ".spec.map.x", b: ".spec.map" } },
  "an atomic map": { kind, steps: [as("a", { atomicMap: { x: "1" } })], owners: { a: ".spec.atomicMap" } },
  "an atomic map is replaced": { kind, steps: [as("a", { atomicMap: { x: "1", y: "1" } }), as("a", { atomicMap: { x: "2" } })], has: spec({ atomicMap: { x: "2", y: null } }) },
  "another entry of an atomic map": { kind, steps: [as("a", { atomicMap: { x: "1" } }), as("b", { atomicMap: { y: "1" } })], refused: conflict("atomicMap") },
  "an atomic map shared": { kind, steps: [as("a", { atomicMap: { x: "1" } }), as("b", { atomicMap: { x: "1" } })], owners: { a: ".spec.atomicMap", b: ".spec.atomicMap" } },
  "an update inside an atomic map takes it": { kind, steps: [as("a", { atomicMap: { x: "1" } }), changed({ atomicMap: { y: "1" } })], owners: { "u*": ".spec.atomicMap" } },
  "force over an atomic map": { kind, steps: [as("a", { atomicMap: { x: "1" } }), as("b", { atomicMap: { y: "1" } }, true)], has: spec({ atomicMap: { x: null, y: "1" } }), owners: { b: ".spec.atomicMap" } },
  "structs in a map": { kind, steps: [as("a", { structs: { x: { one: "1" } } }), as("b", { structs: { x: { two: "2" } } })], has: spec({ structs: { x: { one: "1", two: "2" } } }), owners: { a: ".spec.structs.x .spec.structs.x.one", b: ".spec.structs.x .spec.structs.x.two" } },
  "a struct in a map keeps what another has in it": { kind, steps: [as("a", { structs: { x: { one: "1" } } }), as("b", { structs: { x: { two: "2" } } }), apply("a", {})], has: spec({ structs: { x: { one: null, two: "2" } } }), owners: { b: ".spec.structs.x .spec.structs.x.two" } },
  "a struct in a map goes with all in it": { kind, steps: [as("a", { structs: { x: { one: "1" }, y: { one: "1" } } }), as("a", { structs: { y: { one: "1" } } })], has: spec({ structs: { x: null, y: { one: "1" } } }) },
};

const structs: Readonly<Record<string, Scenario>> = {
  "a struct's members": { kind, steps: [as("a", { struct: { one: "1" } }), as("b", { struct: { two: "2" } })], has: spec({ struct: { one: "1", two: "2" } }), owners: { a: ".spec.struct.one", b: ".spec.struct.two" } },
  "a struct's member of another": { kind, steps: [as("a", { struct: { one: "1" } }), as("b", { struct: { one: "2" } })], refused: conflict("struct.one") },
  "a struct's member goes": { kind, steps: [as("a", { struct: { one: "1", two: "2" } }), as("a", { struct: { two: "2" } })], has: spec({ struct: { one: null, two: "2" } }) },
  "an empty struct": { kind, steps: [as("a", { struct: {} })], owners: { a: ".spec.struct" } },
  "an atomic struct": { kind, steps: [as("a", { atomicStruct: { one: "1" } })], owners: { a: ".spec.atomicStruct" } },
  "another member of an atomic struct": { kind, steps: [as("a", { atomicStruct: { one: "1" } }), as("b", { atomicStruct: { two: "2" } })], refused: conflict("atomicStruct") },
  "an atomic struct is replaced": { kind, steps: [as("a", { atomicStruct: { one: "1" } }), as("a", { atomicStruct: { two: "2" } })], has: spec({ atomicStruct: { one: null, two: "2" } }) },
  "a free object's members": { kind, steps: [as("a", { free: { x: { y: 1 } } }), as("b", { free: { x: { z: 2 } } })], has: spec({ free: { x: { y: 1, z: 2 } } }) },
  "a free object's list is whole": { kind, steps: [as("a", { free: { x: [1, 2] } }), as("a", { free: { x: [3] } })], has: spec({ free: { x: [3] } }) },
  "a free object's member of another": { kind, steps: [as("a", { free: { x: 1 } }), as("b", { free: { x: 2 } })], refused: conflict("free.x") },
};

const sets: Readonly<Record<string, Scenario>> = {
  "a set's values": { kind, steps: [as("a", { set: ["x"] }), as("b", { set: ["y"] })], has: spec({ set: ["x", "y"] }), owners: { a: '.spec.set[="x"]', b: '.spec.set[="y"]' } },
  "a set's value is shared": { kind, steps: [as("a", { set: ["x"] }), as("b", { set: ["x"] })], has: spec({ set: ["x"] }), owners: { a: '.spec.set[="x"]', b: '.spec.set[="x"]' } },
  "a set has no conflicts": { kind, steps: [as("a", { set: ["x", "y"] }), as("b", { set: ["y", "z"] })], has: spec({ set: ["x", "y", "z"] }) },
  "a set's value goes": { kind, steps: [as("a", { set: ["x", "y"] }), as("a", { set: ["y"] })], has: spec({ set: ["y"] }), owners: { a: '.spec.set[="y"]' } },
  "a set's value another has stays": { kind, steps: [as("a", { set: ["x", "y"] }), as("b", { set: ["x"] }), as("a", { set: ["y"] })], has: spec({ set: ["x", "y"] }), owners: { a: '.spec.set[="y"]', b: '.spec.set[="x"]' } },
  "a set takes the order of who applies": { kind, steps: [as("a", { set: ["x", "y"] }), as("a", { set: ["y", "x"] })], has: spec({ set: ["y", "x"] }) },
  "a value twice in a set": { kind, steps: [as("a", { set: ["x", "x"] })], refused: /\.spec\.set: duplicate entries for key \[="x"\]/ },
  "a set of numbers": { kind, steps: [as("a", { numbers: [1] }), as("b", { numbers: [2] })], has: spec({ numbers: [1, 2] }), owners: { a: ".spec.numbers[=1]", b: ".spec.numbers[=2]" } },
  "an update takes values from a set": { kind, steps: [as("a", { set: ["x", "y"] }), changed({ set: ["y"] })], has: spec({ set: ["y"] }), owners: { a: '.spec.set[="y"]' } },
  "an update adds values to a set": { kind, steps: [as("a", { set: ["x"] }), changed({ set: ["x", "y"] })], owners: { a: '.spec.set[="x"]', "u*": '.spec.set[="y"]' } },
};

const atomicLists: Readonly<Record<string, Scenario>> = {
  "an atomic list": { kind, steps: [as("a", { atomicList: ["x", "y"] })], owners: { a: ".spec.atomicList" } },
  "an atomic list is replaced": { kind, steps: [as("a", { atomicList: ["x", "y"] }), as("a", { atomicList: ["z"] })], has: spec({ atomicList: ["z"] }) },
  "an atomic list of another": { kind, steps: [as("a", { atomicList: ["x"] }), as("b", { atomicList: ["x", "y"] })], refused: conflict("atomicList") },
  "another order of an atomic list": { kind, steps: [as("a", { atomicList: ["x", "y"] }), as("b", { atomicList: ["y", "x"] })], refused: conflict("atomicList") },
  "an atomic list shared": { kind, steps: [as("a", { atomicList: ["x"] }), as("b", { atomicList: ["x"] })], owners: { a: ".spec.atomicList", b: ".spec.atomicList" } },
  "a list that says nothing is atomic": { kind, steps: [as("a", { list: ["x"] }), as("b", { list: ["y"] })], refused: conflict("list") },
  "a value twice in an atomic list": { kind, steps: [as("a", { atomicList: ["x", "x"] })], has: spec({ atomicList: ["x", "x"] }) },
  "an empty atomic list": { kind, steps: [as("a", { atomicList: [] })], has: spec({ atomicList: [] }), owners: { a: ".spec.atomicList" } },
  "an atomic list goes": { kind, steps: [as("a", { text: "1", atomicList: ["x"] }), as("a", { text: "1" })], has: spec({ atomicList: null }), owners: { a: ".spec.text" } },
};

const x = '.spec.items[name="x"]';
const y = '.spec.items[name="y"]';
const item = (name: string, members: JsonObject = {}): JsonObject => ({ name, filled: "f", ...members });

const keyed: Readonly<Record<string, Scenario>> = {
  "an item": { kind, steps: [as("a", { items: [{ name: "x", value: "1" }] })], owners: { a: `${x} ${x}.name ${x}.value` } },
  "a default inside an item is nobody's": { kind, steps: [as("a", { items: [{ name: "x" }] })], has: spec({ items: [item("x")] }), owners: { a: `${x} ${x}.name` } },
  "items of two": { kind, steps: [as("a", { items: [{ name: "x" }] }), as("b", { items: [{ name: "y" }] })], has: spec({ items: [item("x"), item("y")] }), owners: { a: `${x} ${x}.name`, b: `${y} ${y}.name` } },
  "an item of two": { kind, steps: [as("a", { items: [{ name: "x", value: "1" }] }), as("b", { items: [{ name: "x", more: { one: "1" } }] })], has: spec({ items: [item("x", { value: "1", more: { one: "1" } })] }), owners: { a: `${x} ${x}.name ${x}.value`, b: `${x} ${x}.more.one ${x}.name` } },
  "a member of an item of another": { kind, steps: [as("a", { items: [{ name: "x", value: "1" }] }), as("b", { items: [{ name: "x", value: "2" }] })], refused: conflict('items[name="x"].value') },
  "force over a member of an item": { kind, steps: [as("a", { items: [{ name: "x", value: "1" }] }), as("b", { items: [{ name: "x", value: "2" }] }, true)], has: spec({ items: [item("x", { value: "2" })] }), owners: { a: `${x} ${x}.name`, b: `${x} ${x}.name ${x}.value` } },
  "an item goes": { kind, steps: [as("a", { items: [{ name: "x" }, { name: "y" }] }), as("a", { items: [{ name: "y" }] })], has: spec({ items: [item("y")] }), owners: { a: `${y} ${y}.name` } },
  "an item goes from the middle": { kind, steps: [as("a", { items: [{ name: "x" }, { name: "y" }, { name: "z" }] }), as("a", { items: [{ name: "x" }, { name: "z" }] })], has: spec({ items: [item("x"), item("z")] }) },
  "the last item goes with its list": { kind, steps: [as("a", { text: "1", items: [{ name: "x" }] }), as("a", { text: "1" })], has: spec({ items: null }) },
  "an item another has too stays": { kind, steps: [as("a", { items: [{ name: "x", value: "1" }] }), as("b", { items: [{ name: "x" }] }), as("a", { items: [] })], has: spec({ items: [item("x")] }), owners: { b: `${x} ${x}.name` } },
  "a member of an item goes": { kind, steps: [as("a", { items: [{ name: "x", value: "1" }] }), as("a", { items: [{ name: "x" }] })], has: spec({ items: [item("x")] }), owners: { a: `${x} ${x}.name` } },
  "a new item between two": { kind, steps: [as("a", { items: [{ name: "x" }, { name: "z" }] }), as("a", { items: [{ name: "x" }, { name: "y" }, { name: "z" }] })], has: spec({ items: [item("x"), item("y"), item("z")] }) },
  "items take the order of who applies": { kind, steps: [as("a", { items: [{ name: "x" }, { name: "y" }] }), as("a", { items: [{ name: "y" }, { name: "x" }] })], has: spec({ items: [item("y"), item("x")] }) },
  "items of others keep their place": { kind, steps: [as("a", { items: [{ name: "x" }, { name: "y" }] }), changed({ items: [{ name: "x" }, { name: "o" }, { name: "y" }] }), as("a", { items: [{ name: "x" }, { name: "y" }, { name: "z" }] })], has: spec({ items: [item("x"), item("o"), item("y"), item("z")] }) },
  "an item twice": { kind, steps: [as("a", { items: [{ name: "x" }, { name: "x" }] })], refused: /\.spec\.items: duplicate entries for key \[name="x"\]/ },
  "an item without its key": { kind, steps: [as("a", { items: [{ value: "1" }] })], refused: /\.spec\.items: element 0: associative list with keys has an element that omits key field "name"/ },
  "a set inside an item": { kind, steps: [as("a", { items: [{ name: "x", tags: ["1"] }] }), as("b", { items: [{ name: "x", tags: ["2"] }] })], has: spec({ items: [item("x", { tags: ["1", "2"] })] }), owners: { a: `${x} ${x}.name ${x}.tags[="1"]`, b: `${x} ${x}.name ${x}.tags[="2"]` } },
  "a value of a set inside an item goes": { kind, steps: [as("a", { items: [{ name: "x", tags: ["1", "2"] }] }), as("a", { items: [{ name: "x", tags: ["2"] }] })], has: spec({ items: [item("x", { tags: ["2"] })] }) },
  "an update changes a member of an item": { kind, steps: [as("a", { items: [{ name: "x", value: "1" }] }), changed({ items: [{ name: "x", value: "2" }] })], owners: { a: `${x} ${x}.name`, "u*": `${x}.value` } },
  "an update makes an item": { kind, steps: [as("a", { items: [{ name: "x" }] }), changed({ items: [{ name: "x" }, { name: "y" }] })], owners: { a: `${x} ${x}.name`, "u*": `${y} ${y}.filled ${y}.name` } },
  "an update takes an item away": { kind, steps: [as("a", { items: [{ name: "x" }, { name: "y" }] }), changed({ items: [{ name: "y" }] })], owners: { a: `${y} ${y}.name` } },
  "an empty list leaves others' items": { kind, steps: [as("a", { items: [{ name: "x" }] }), as("b", { items: [] })], has: spec({ items: [item("x")] }), owners: { a: `${x} ${x}.name` } },
};

const tcp = '.spec.ports[port=80,protocol="TCP"]';
const udp = '.spec.ports[port=80,protocol="UDP"]';

const composite: Readonly<Record<string, Scenario>> = {
  "a key of two fields takes its default": { kind, steps: [as("a", { ports: [{ port: 80 }] })], has: spec({ ports: [{ port: 80, protocol: "TCP" }] }), owners: { a: `${tcp} ${tcp}.port` } },
  "a key of two fields": { kind, steps: [as("a", { ports: [{ port: 80, protocol: "UDP" }] })], owners: { a: `${udp} ${udp}.port ${udp}.protocol` } },
  "items that differ in one key field": { kind, steps: [as("a", { ports: [{ port: 80 }] }), as("b", { ports: [{ port: 80, protocol: "UDP" }] })], has: spec({ ports: [{ port: 80, protocol: "TCP" }, { port: 80, protocol: "UDP" }] }) },
  "an item is found by its default": { kind, steps: [as("a", { ports: [{ port: 80, protocol: "TCP" }] }), as("b", { ports: [{ port: 80, name: "http" }] })], has: spec({ ports: [{ port: 80, protocol: "TCP", name: "http" }] }) },
  "a name in an item of another": { kind, steps: [as("a", { ports: [{ port: 80, name: "a" }] }), as("b", { ports: [{ port: 80, protocol: "TCP", name: "b" }] })], refused: conflict('ports[port=80,protocol="TCP"].name') },
  "one of two protocols goes": { kind, steps: [as("a", { ports: [{ port: 80 }, { port: 80, protocol: "UDP" }] }), as("a", { ports: [{ port: 80, protocol: "UDP" }] })], has: spec({ ports: [{ port: 80, protocol: "UDP" }] }) },
  "a default and the same in words": { kind, steps: [as("a", { ports: [{ port: 80 }, { port: 80, protocol: "TCP" }] })], refused: /\.spec\.ports: duplicate entries for key \[port=80,protocol="TCP"\]/ },
  "a port without its number": { kind, steps: [as("a", { ports: [{ protocol: "TCP" }] })], refused: /omits key field "port"/ },
};

/** What each form of field is to an apply, by a definition that has them all. */
export const fieldCases: Readonly<Record<string, Scenario>> = { ...scalars, ...maps, ...structs, ...sets, ...atomicLists, ...keyed, ...composite };
