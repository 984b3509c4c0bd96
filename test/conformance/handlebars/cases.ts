/** Templates of one feature of the language, rendered by Handlebars itself and by our engine with the same data and partials. */
export interface FeatureCases {
  readonly feature: string;
  readonly partials?: Readonly<Record<string, string>>;
  readonly templates: readonly string[];
}

/** What every case may read. Maps hold their keys in order, since ours are always gone through in it. */
export const caseData = {
  a: "x", b: "two words", n: 3, zero: 0, float: 1.5, t: true, f: false, empty: "", markup: "<b> & \"q\" 'r'", unicode: "é漢😀",
  letters: ["p", "q", "r"], one: ["only"], none: [], numbers: [1, 2, 3], nested: [[1, 2], [3]],
  m: { a: "1", b: "2", c: { d: "deep" } }, people: [{ name: "Ann", tags: ["k", "l"] }, { name: "Bob", tags: [] }],
  "with space": "spaced", "a.b": "dotted", "foo-bar": "dashed", "1x": "digit first", "@at": "at", "#hash": "hash", keyName: "b", partialName: "item", outer: { inner: { x: "in", up: "u" }, x: "out" },
} as const;

export const features: readonly FeatureCases[] = [
  { feature: "texts and expressions", templates: [
    "", "plain", "{{a}}", "{{a}}{{b}}", "a {{a}} b", "{{n}}", "{{zero}}", "{{float}}", "{{t}} {{f}}", "{{empty}}", "{{ a }}", "{{\n a \n}}", "{{unicode}}", "{{markup}}", "{{{markup}}}", "{{&markup}}", "{ {a} }", "$ { } % {%", "{{a}}\r\n{{b}}\r\n",
  ] },
  { feature: "escapes of mustaches", templates: [
    "\\{{a}}", "\\{{a}} {{a}}", "\\\\{{a}}", "\\{{a}} \\{{b}}", "\\{{a}}\\\\{{b}}", "\\\\\\{{a}}", "text \\{{#if}} {{a}}", "\\{{{a}}}",
  ] },
  { feature: "comments", templates: [
    "{{! c }}x", "a{{!-- {{b}} --}}c", "a{{!--\n two lines\n--}}c", "a\n{{! alone }}\nb", "  {{!-- alone, indented --}}  \nb", "{{!}}x", "{{! a }} {{! b }}", "{{!-- }} --}}x", "{{~! c ~}}x", " {{~!-- c --~}} x",
  ] },
  { feature: "paths", templates: [
    "{{m.a}}", "{{m/a}}", "{{m.c.d}}", "{{m.[a]}}", "{{[with space]}}", "{{[a.b]}}", "{{foo-bar}}", "{{[1x]}}", "{{this.a}}", "{{./a}}", "{{this/a}}", "{{letters.[0]}}", "{{letters.[1]}}", "{{people.[1].name}}", "{{nested.[0].[1]}}",
    "{{\"with space\"}}", "{{'foo-bar'}}", "{{@root.a}}", "{{@root.m.c.d}}", "{{#with m}}{{this.a}}{{./b}}{{c.d}}{{/with}}", "{{#with m}}{{../a}}{{../m.b}}{{/with}}", "{{#with m}}{{#with c}}{{d}}{{../b}}{{../../a}}{{/with}}{{/with}}", "{{letters.length}}", "{{m.[c].[d]}}", "{{[@at]}}", "{{[#hash]}}",
  ] },
  { feature: "sections", templates: [
    "{{#t}}yes{{/t}}", "{{#f}}yes{{/f}}", "{{#letters}}{{.}}{{/letters}}", "{{#letters}}{{this}}, {{/letters}}", "{{#people}}{{name}} {{/people}}", "{{#none}}x{{/none}}", "{{#none}}x{{else}}none{{/none}}", "{{#m}}{{a}}{{/m}}", "{{#a}}{{this}}{{/a}}", "{{#zero}}zero{{/zero}}", "{{#missing}}x{{/missing}}",
    "{{^f}}no{{/f}}", "{{^t}}no{{/t}}", "{{^none}}none{{/none}}", "{{^letters}}none{{/letters}}", "{{^missing}}none{{/missing}}", "{{^missing}}none{{else}}some{{/missing}}", "{{#t}}a{{^}}b{{/t}}", "{{#f}}a{{^}}b{{/f}}", "{{#people}}{{#tags}}{{.}}{{../name}} {{/tags}}{{/people}}", "{{#letters}}{{@index}} {{@first}} {{@last}}{{/letters}}", "{{#m.c}}{{d}}{{/m.c}}", "{{#letters as |v|}}{{v}}{{/letters}}", "{{#nested}}{{#this}}{{.}}{{/this}};{{/nested}}",
  ] },
  { feature: "if and unless", templates: [
    "{{#if t}}y{{/if}}", "{{#if f}}y{{else}}n{{/if}}", "{{#if a}}y{{/if}}", "{{#if empty}}y{{else}}n{{/if}}", "{{#if zero}}y{{else}}n{{/if}}", "{{#if zero includeZero=true}}y{{else}}n{{/if}}", "{{#if none}}y{{else}}n{{/if}}", "{{#if letters}}y{{/if}}", "{{#if missing}}y{{else}}n{{/if}}", "{{#if missing.deeper}}y{{else}}n{{/if}}",
    "{{#if f}}1{{else if t}}2{{else}}3{{/if}}", "{{#if f}}1{{else if f}}2{{else}}3{{/if}}", "{{#if f}}1{{else unless f}}2{{/if}}", "{{#if f}}1{{else with m}}{{a}}{{/if}}", "{{#if f}}1{{else each letters}}{{this}}{{/if}}", "{{#if t}}{{#if f}}a{{else}}b{{/if}}{{else}}c{{/if}}", "{{#unless f}}y{{/unless}}", "{{#unless t}}y{{else}}n{{/unless}}", "{{#unless none}}y{{/unless}}", "{{#if m}}{{m.a}}{{/if}}",
    "{{#if f}}1{{else if f}}2{{else if zero}}3{{else if a}}{{b}}{{/if}}",
  ] },
  { feature: "with", templates: [
    "{{#with m}}{{a}}{{b}}{{/with}}", "{{#with missing}}x{{else}}none{{/with}}", "{{#with m as |v|}}{{v.a}}{{a}}{{/with}}", "{{#with m.c}}{{d}}{{/with}}", "{{#with outer}}{{#with inner}}{{x}}{{../x}}{{/with}}{{/with}}", "{{#with a}}{{this}}{{/with}}", "{{#with m}}{{@root.a}}{{/with}}", "{{#with letters}}{{this.[0]}}{{length}}{{/with}}", "{{#with f}}x{{else}}{{a}}{{/with}}", "{{#with outer as |o|}}{{#with o.inner as |i|}}{{o.x}}{{i.x}}{{/with}}{{/with}}", "{{#with people.[0]}}{{name}}{{#each tags}}{{this}}{{../name}}{{/each}}{{/with}}",
  ] },
  { feature: "each", templates: [
    "{{#each letters}}{{this}}{{/each}}", "{{#each letters}}{{.}}{{/each}}", "{{#each none}}x{{else}}none{{/each}}", "{{#each missing}}x{{else}}none{{/each}}", "{{#each m.c}}{{@key}}={{this}}{{/each}}", "{{#each letters}}{{@index}}{{/each}}", "{{#each letters}}{{@key}}{{/each}}", "{{#each letters}}{{#if @first}}first {{/if}}{{this}}{{#unless @last}},{{/unless}}{{/each}}", "{{#each one}}{{@first}} {{@last}}{{/each}}", "{{#each letters as |v|}}{{v}}{{/each}}", "{{#each letters as |v i|}}{{i}}{{v}}{{/each}}", "{{#each m.c as |v k|}}{{k}}{{v}}{{/each}}",
    "{{#each people}}{{name}}:{{#each tags}}{{this}}{{@../index}}{{../name}}{{/each}};{{/each}}", "{{#each people as |p i|}}{{#each p.tags as |t j|}}{{i}}-{{j}}{{p.name}}{{t}}{{/each}}{{/each}}", "{{#each nested}}{{#each this}}{{this}}{{/each}},{{/each}}", "{{#each people}}{{@root.a}}{{/each}}", "{{#each people}}{{this.name}}{{./name}}{{/each}}", "{{#each letters}}{{../a}}{{/each}}", "{{#each numbers}}{{#each ../letters}}{{this}}{{/each}};{{/each}}", "{{#each m.c}}{{@first}} {{@last}} {{@index}}{{/each}}", "{{#each people}}\n- {{name}}\n{{/each}}\n", "{{#each letters}}{{#each @root.one}}{{@../index}}{{/each}}{{/each}}",
  ] },
  { feature: "lookup", templates: [
    "{{lookup letters 1}}", "{{lookup m keyName}}", "{{#each letters}}{{lookup ../numbers @index}}{{/each}}", "{{lookup (lookup nested 0) 1}}", "{{#with (lookup people 0)}}{{name}}{{/with}}", "{{#if (lookup m \"zz\")}}x{{else}}none{{/if}}", "{{#each people.0.tags}}{{this}}{{/each}}",
  ] },
  { feature: "calls, nested calls and literals", templates: [
    "{{upper a}}", "{{upper \"lit\"}}", "{{upper 'lit'}}", "{{upper (lower \"ABC\")}}", "{{add 1 2}}", "{{add n 2}}", "{{add -1 2}}", "{{add (add 1 2) (add 3 4)}}", "{{#if (eq a \"x\")}}same{{/if}}", "{{#if (eq n 3)}}three{{/if}}", "{{#if (eq t true)}}true{{/if}}", "{{#each (list \"u\" \"v\" a)}}{{this}}{{/each}}", "{{#with (dict \"k\" \"v\")}}{{k}}{{/with}}", "{{upper \"it's\"}}", "{{upper 'say \"x\"'}}", "{{upper m.c.d}}", "{{#with m}}{{upper ../a}}{{/with}}", "{{{upper markup}}}", "{{&upper markup}}", "{{~upper a~}}", "{{upper @root.a}}", "{{#each letters}}{{upper this}}{{/each}}", "{{#each letters}}{{add @index 10}} {{/each}}", "{{#unless (eq a \"y\")}}other{{/unless}}", "{{upper [with space]}}", "{{#with (dict k=a l=b)}}{{k}} {{l}}{{/with}}", "{{#with (dict k=(upper a))}}{{k}}{{/with}}", "{{#with (dict \"u\" 1 k=2)}}{{u}}{{k}}{{/with}}", "{{upper\n  a\n}}",
  ] },
  { feature: "whitespace control", templates: [
    " {{~a~}} ", " {{~a}} ", " {{a~}} ", " {{~{a}~}} ", " {{~&markup~}} ", "a \n {{~#if t~}} \n b \n {{~/if~}} \n c", "a {{~#if t}} b {{/if~}} c", "a {{#if t~}} b {{~/if}} c", "a {{#if f~}} b {{~else~}} c {{~/if}} d", "a {{~#if f}} b {{else}} c {{/if~}} d", "a {{~a~}} b", "{{#each letters~}} {{this}} {{~/each}}", "{{#each letters}}\n  {{~this~}}\n{{/each}}", "a\n\n{{~a~}}\n\nb", "{{#t~}} x {{~^~}} y {{~/t}}", "{{^f~}} x {{~/f}}", "foo {{~#each none~}} x {{~else~}} y {{~/each~}} bar", "a {{~> item name=\"i\"~}} b", "a {{~> item name=\"i\"}} b", "{{a~}}\n\n{{~b}}",
  ], partials: { item: " <{{name}}> " } },
  { feature: "tags alone on a line", templates: [
    "{{#if t}}\nx\n{{/if}}\n", "  {{#if t}}  \n x\n  {{/if}}  \ny", "{{#if f}}\nx\n{{else}}\ny\n{{/if}}\n", "a\n{{#each letters}}\n{{this}}\n{{/each}}\nb", "{{#if t}}x\n{{/if}}\n", "{{#if t}}\nx{{/if}}\n", "a {{#if t}}\nx\n{{/if}}\n", "{{#if f}}\n1\n{{else if t}}\n2\n{{/if}}\n", "{{#if t}}\n{{#if t}}\nx\n{{/if}}\n{{/if}}\n", "{{^f}}\nx\n{{/f}}\n", "{{#letters}}\n{{.}}\n{{^}}\nnone\n{{/letters}}\n", "{{! c }}\n{{a}}\n", "x\n  {{! c }}\ny", "{{a}}\n{{b}}\n", "\n{{#if t}}\n\nx\n\n{{/if}}\n\n", "{{#if t}}\r\nx\r\n{{/if}}\r\ny", "{{#with m}}\n{{a}}\n{{/with}}", "  {{#each none}}\n  x\n  {{/each}}",
  ] },
  { feature: "partials", partials: {
    item: "({{name}})", line: "- {{name}}\n", two: "one\ntwo\n", shout: "{{upper name}}", root: "{{@root.a}}", nest: "[{{> item}}]", key: "{{@key}}", "with-dash": "dash", "a.b": "dot", each: "{{#each letters}}{{this}}{{/each}}", self: "{{#if next}}{{v}}{{> self next}}{{else}}{{v}}{{/if}}", args: "{{x}}{{y}}",
  }, templates: [
    "{{> item name=\"z\"}}", "{{#each people}}{{> item}}{{/each}}", "{{#each people}}\n{{> line}}\n{{/each}}", "  {{> two}}\n", "x:\n    {{> two}}\nend", "{{> two}}\nend", "a {{> two}} b", "{{> item people.[0]}}", "{{> item people.[0] name=\"other\"}}", "{{> nest name=\"n\"}}", "{{> root}}", "{{#with m}}{{> root}}{{/with}}", "{{> shout name=a}}", "{{> (lookup . \"partialName\") name=\"dyn\"}}", "{{> \"item\" name=\"quoted\"}}", "{{> [item] name=\"segment\"}}", "{{> with-dash}}", "{{> a.b}}", "{{> each}}", "{{#each m.c}}{{> key}}{{/each}}",
    "{{> args x=1 y=\"2\"}}", "{{> args x=(upper a) y=m.a}}", "{{> item m name=(lookup letters 0)}}", "{{>item name=1}}{{>  item name=2 }}", "\t{{> two}}\nx", "{{#> item name=\"b\"}}unused{{/item}}",
  ] },
  { feature: "partial blocks: layouts", partials: {
    layout: "<{{> @partial-block}}>", page: "head\n{{> @partial-block}}\nfoot\n", twice: "{{> @partial-block}}|{{> @partial-block}}", outer: "({{#> layout}}{{> @partial-block}}{{/layout}})", withData: "{{#each letters}}{{> @partial-block}}{{/each}}", opt: "{{#if @partial-block}}{{> @partial-block}}{{else}}default{{/if}}", ctx: "{{> @partial-block inner}}", params: "{{> @partial-block x=\"y\"}}",
  }, templates: [
    "{{#> layout}}body{{/layout}}", "{{#> layout}}{{a}}{{/layout}}", "{{#> twice}}{{a}}{{/twice}}", "{{#> page}}\nbody\n{{/page}}\n", "{{#> nowhere}}fallback {{a}}{{/nowhere}}", "{{#> outer}}x{{/outer}}", "{{#> withData}}{{this}}{{@index}}{{/withData}}", "{{#> layout m}}{{a}}{{/layout}}", "{{#> ctx outer}}{{x}}{{/ctx}}", "{{#> params}}{{x}}{{/params}}", "{{#> opt}}given{{/opt}}", "{{> opt}}", "{{#with m as |me|}}{{#> layout}}{{me.a}}{{/layout}}{{/with}}", "{{#> layout}}{{#> layout}}in{{/layout}}{{/layout}}", "{{#each letters}}{{#> layout}}{{this}}{{/layout}}{{/each}}", "{{#> layout}}{{#each letters}}{{this}}{{/each}}{{/layout}}",
  ] },
  { feature: "inline partials", partials: { layout: "<{{> title}}|{{> body}}>", page: "head\n  {{> body}}\nfoot\n", defaults: "{{#> title}}untitled{{/title}}" }, templates: [
    "{{#*inline \"x\"}}[{{a}}]{{/inline}}{{> x}}", "{{#*inline \"x\"}}1{{/inline}}{{#*inline \"x\"}}2{{/inline}}{{> x}}", "{{#*inline \"x\"}}({{y}}){{/inline}}{{> x y=\"z\"}}", "{{#> layout}}{{#*inline \"title\"}}T{{/inline}}{{#*inline \"body\"}}{{a}}{{/inline}}{{/layout}}", "{{#> page}}\n{{#*inline \"body\"}}\nl1\nl2\n{{/inline}}\n{{/page}}\n", "{{#> defaults}}{{#*inline \"title\"}}T{{/inline}}{{/defaults}}", "{{#> defaults}}{{/defaults}}", "{{#each letters}}{{#*inline \"i\"}}<{{this}}>{{/inline}}{{> i}}{{/each}}", "{{#with m}}{{#*inline \"i\"}}{{a}}{{/inline}}{{> i}}{{/with}}",
    "{{#*inline \"o\"}}{{#*inline \"i\"}}in{{/inline}}{{> i}}{{/inline}}{{> o}}", "{{#> layout}}{{#*inline \"body\"}}B{{/inline}}{{#*inline \"title\"}}{{#each letters}}{{this}}{{/each}}{{/inline}}{{/layout}}", "{{#*inline 'q'}}q{{/inline}}a{{> q}}b", "{{#*inline \"e\"}}{{/inline}}{{> e}}end", "\n{{#*inline \"x\"}}\n  text\n{{/inline}}\n\n{{> x}}",
  ] },
  { feature: "raw blocks", templates: [
    "{{{{raw}}}}{{a}}{{{{/raw}}}}", "{{{{raw}}}} {{#if x}} {{{b}}} {{{{/raw}}}}", "x {{{{raw}}}}\n{{ $labels.pod }}\n{{{{/raw}}}} y", "{{{{raw}}}}{{{{/raw}}}}x", "{{{{raw}}}}a{{{{/raw}}}}{{a}}{{{{raw}}}}b{{{{/raw}}}}", "{{{{raw}}}} {{{{b}}}} {{{{/b}}}} {{{{/raw}}}}", "{{#if t}}{{{{raw}}}}{{x}}{{{{/raw}}}}{{/if}}", "{{{{raw}}}}\\{{a}} \\\\ {{{{/raw}}}}",
  ] },
  { feature: "regressions", templates: [
    "{{#each letters}}{{@index}}{{.}}{{/each}}", "{{^set}}not set{{/set}} :: {{#set}}set{{/set}}", "{{#people}}{{#if name}}{{name}}{{/if}}{{/people}}", "{{#if t}}{{#each letters}}{{#if @first}}{{this}}{{else}}-{{this}}{{/if}}{{/each}}{{/if}}", "{{#each people}}{{#unless tags}}none{{/unless}}{{/each}}", "{{#each letters}}{{#if @index}}{{@index}}{{else}}zero{{/if}}{{/each}}", "{{#with m}}{{#if a}}{{../b}}{{/if}}{{/with}}", "{{#each numbers}}{{#if this}}{{this}}{{/if}}{{/each}}", "// {{a}} */ <!-- {{b}} -->", "{{#each people}}{{#each tags}}{{#if ../name}}{{../name}}{{/if}}{{/each}}{{/each}}", "a{{#if t}}{{else}}x{{/if}}b", "{{#if t}}{{/if}}", "{{#each letters}}{{/each}}x", "'{{a}}' \"{{b}}\" `{{n}}`", "{{#letters}}{{#if @last}}{{this}}{{/if}}{{/letters}}",
  ] },
];

/** What the engine refuses on purpose, though Handlebars answers something: the reason, and what the message says. */
export const refusals: readonly { readonly reason: string; readonly template: string; readonly message: RegExp; readonly partials?: Readonly<Record<string, string>> }[] = [
  { reason: "a value that is not there is nearly always a typing error, and an empty text in YAML is a null nobody asked for", template: "{{missing}}", message: /^missing is missing/ },
  { reason: "as above, below a map", template: "{{m.zz.y}}", message: /^m\.zz\.y is missing/ },
  { reason: "as above, in a literal name", template: "{{\"nothing\"}}", message: /nothing is missing/ },
  { reason: "a list or map written as text is never the YAML somebody meant", template: "{{letters}}", message: /letters is a list and cannot stand as a plain value/ },
  { reason: "as above, a map", template: "{{m}}", message: /m is a map/ },
  { reason: "prototypes are out of reach", template: "{{constructor.name}}", message: /constructor\.name is missing/ },
  { reason: "prototypes are out of reach", template: "{{m.constructor}}", message: /m\.constructor is missing/ },
  { reason: "prototypes are out of reach", template: "{{lookup m \"__proto__\"}}", message: /is missing/ },
  { reason: "prototypes are out of reach", template: "{{#with __proto__ as |p|}}{{p.x}}{{else}}{{need __proto__}}{{/with}}", message: /__proto__ is missing/ },
  { reason: "a plain value may not add lines to the YAML around it", template: "{{letters.[0]}}{{twoLines}}", message: /twoLines holds a line break/ },
  { reason: "functions are one table: a chart cannot bring its own", template: "{{shout a}}", message: /there is no function shout/ },
  { reason: "as above, called by a path", template: "{{m.shout a}}", message: /there is no function m\.shout/ },
  { reason: "as above, as a block", template: "{{#repeatIt a}}x{{/repeatIt}}", message: /repeatIt is no block/ },
  { reason: "only inline is a decorator", template: "{{#*other \"x\"}}{{/other}}", message: /the only decorator is/ },
  { reason: "only inline is a decorator", template: "{{* other}}", message: /not part of the template language/ },
  { reason: "templates write no log: their one output is the manifest", template: "{{log a}}", message: /there is no function log/ },
  { reason: "only raw is a raw block", template: "{{{{verbatim}}}}x{{{{/verbatim}}}}", message: /the only block with four braces/ },
  { reason: "a function's arguments are counted", template: "{{upper a b}}", message: /upper was given 2 arguments/ },
  { reason: "blocks take one value, as newer versions of Handlebars demand too", template: "{{#if t f}}x{{/if}}", message: /#if takes one value/ },
  { reason: "a partial that is not there is an error before anything is rendered", template: "{{> nowhere}}", message: /there is no partial nowhere/ },
  { reason: "partials without end are ended", template: "{{> loop}}", partials: { loop: "{{> loop}}" }, message: /without end/ },
];

/** Options of Handlebars' compiler that the public cases also try; charts cannot set them. */
export const fixedOptions: Readonly<Record<string, string>> = {
  strict: "always, with a better message", noEscape: "always: YAML is no HTML", compat: "never: a name is found in its scope, Helm's objects in every scope", knownHelpersOnly: "always", explicitPartialContext: "never", preventIndent: "never: partials keep their indentation, which YAML needs", ignoreStandalone: "never", assumeObjects: "never",
};
