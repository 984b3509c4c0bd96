/** How functions are written whose parameters Helm's table only knows by type. */
export const sharedUsages: Readonly<Record<string, string>> = Object.fromEntries([
  "abbrev WIDTH TEXT", "abbrevboth OFFSET WIDTH TEXT", "camelcase TEXT", "cat VALUE …", "initials TEXT", "nospace TEXT", "plural ONE MANY COUNT", "snakecase TEXT",
  "splitn SEPARATOR COUNT TEXT", "substr FROM TO TEXT", "swapcase TEXT", "untitle TEXT", "wrap WIDTH TEXT", "wrapWith WIDTH SEPARATOR TEXT", "shuffle TEXT",
  "addf A B …", "add1f A", "subf A B …", "mulf A B …", "divf A B …", "maxf A B …", "minf A B …", "biggest A B …", "atoi TEXT", "toDecimal OCTAL", "seq [FROM [STEP]] TO", "untilStep FROM TO STEP",
  "chunk SIZE LIST", "all VALUE …", "any VALUE …", "deepCopy VALUE", "deepEqual A B", "toStrings LIST", "typeOf VALUE", "typeIs TYPE VALUE", "typeIsLike TYPE VALUE",
  "date LAYOUT TIME", "dateInZone LAYOUT TIME ZONE", "date_in_zone LAYOUT TIME ZONE", "dateModify DURATION TIME", "date_modify DURATION TIME", "mustDateModify DURATION TIME", "must_date_modify DURATION TIME",
  "htmlDate TIME", "htmlDateInZone TIME ZONE", "ago TIME", "toDate LAYOUT TEXT", "mustToDate LAYOUT TEXT", "unixEpoch TIME", "duration SECONDS", "durationRound DURATION", "mustToDuration VALUE",
  "durationSeconds DURATION", "durationMinutes DURATION", "durationHours DURATION", "durationDays DURATION", "durationWeeks DURATION", "durationMilliseconds DURATION", "durationMicroseconds DURATION",
  "durationNanoseconds DURATION", "durationRoundTo DURATION UNIT", "durationTruncateTo DURATION UNIT",
  "regexMatch PATTERN TEXT", "mustRegexMatch PATTERN TEXT", "regexFind PATTERN TEXT", "mustRegexFind PATTERN TEXT", "regexFindAll PATTERN TEXT COUNT", "mustRegexFindAll PATTERN TEXT COUNT",
  "regexReplaceAll PATTERN TEXT REPLACEMENT", "mustRegexReplaceAll PATTERN TEXT REPLACEMENT", "regexReplaceAllLiteral PATTERN TEXT REPLACEMENT", "mustRegexReplaceAllLiteral PATTERN TEXT REPLACEMENT",
  "regexSplit PATTERN TEXT COUNT", "mustRegexSplit PATTERN TEXT COUNT", "regexQuoteMeta TEXT",
  "bcrypt TEXT", "htpasswd USER PASSWORD", "derivePassword COUNTER TYPE PASSWORD USER SITE", "encryptAES KEY TEXT", "decryptAES KEY TEXT", "buildCustomCert CERTIFICATE KEY", "genPrivateKey TYPE",
  "genCA NAME DAYS", "genCAWithKey NAME DAYS KEY", "genSelfSignedCert NAME IPS NAMES DAYS", "genSelfSignedCertWithKey NAME IPS NAMES DAYS KEY", "genSignedCert NAME IPS NAMES DAYS CA", "genSignedCertWithKey NAME IPS NAMES DAYS CA KEY",
  "randAlpha COUNT", "randAlphaNum COUNT", "randAscii COUNT", "randBytes COUNT", "randInt FROM TO", "randNumeric COUNT",
  "base PATH", "clean PATH", "dir PATH", "ext PATH", "isAbs PATH", "osBase PATH", "osClean PATH", "osDir PATH", "osExt PATH", "osIsAbs PATH", "urlJoin PARTS", "urlParse URL", "getHostByName NAME",
  "semver VERSION", "toYamlPretty VALUE", "toToml VALUE", "mustToToml VALUE", "fromToml TEXT", "adler32sum TEXT", "sha1sum TEXT", "sha512sum TEXT", "b32enc TEXT", "b32dec TEXT", "html VALUE …", "js VALUE …", "println VALUE …",
].map((usage) => [usage.split(" ", 1)[0] ?? "", usage]));
