/** What was signed: the text `a package`, as if it were version 1.0.0 of the chart shop. Made with GnuPG's own program, at the beginning of 2024. */
export const signedPackage = Buffer.from("a package");

/** The public key of `Charts <charts@example.com>`. */
export const keyring = [
  "-----BEGIN PGP PUBLIC KEY BLOCK-----",
  "",
  "mDMEZZIAgBYJKwYBBAHaRw8BAQdAtBt5xTD0aMTf3S1iBO+cCCdCovjpwec4z5NZ",
  "SZ942V20G0NoYXJ0cyA8Y2hhcnRzQGV4YW1wbGUuY29tPoiQBBMWCAA4FiEEXNAE",
  "FzZWFtG+/986xOyrJjwGSf0FAmWSAIACGwMFCwkIBwIGFQoJCAsCBBYCAwECHgEC",
  "F4AACgkQxOyrJjwGSf2nLQEAyB7fsl9S0J8E2EMnzZJD7VwBafjgN8cwN73dYXEU",
  "t0EBALE6j0sGb8pUF0oic8DTjSVTUKZUU5aiNCUDMok3M/EJ",
  "=4P51",
  "-----END PGP PUBLIC KEY BLOCK-----",
  "",
].join("\n");

/** Its provenance file, as `helm package --sign` writes it. */
export const provenance = signed([
  "iIkEARYKADEWIQRc0AQXNlYW0b7/3zrE7KsmPAZJ/QUCZZIAgBMcY2hhcnRzQGV4",
  "YW1wbGUuY29tAAoJEMTsqyY8Bkn9DpsBAJDNOneZORmImUxOiiZXLSbn58yPdKgd",
  "Bn5JvNVPEXR+AP4yTSMOirCu6rFCYUxuJfsnZXszIWpHEAOxEBMvl2+aAw==",
  "=2kWD",
]);

/** The same text, signed by a key that is not in the keyring. */
export const provenanceOfAnother = signed([
  "iIgEARYKADAWIQS2D52d+YVjeAl9P0vglUrm73NbXAUCZZIAgBIcb3RoZXJAZXhh",
  "bXBsZS5jb20ACgkQ4JVK5u9zW1w+NwD/f7TQedBczvNwcUs1Xznnh2Un4JusPDt5",
  "/8iL7g5rtZ8BAJf1g5n5porlmw4e01ru1xv+zBtxh1QjwiaLKFdVw3gC",
  "=+Rp+",
]);

function signed(signature: readonly string[]): string {
  return [
    "-----BEGIN PGP SIGNED MESSAGE-----",
    "Hash: SHA512",
    "",
    "apiVersion: v2",
    "name: shop",
    "version: 1.0.0",
    "",
    "...",
    "files:",
    "  shop-1.0.0.tgz: sha256:c0cd5ccfdb563a59366e33e73001b78fdb8cca5a6c48e2f90fffcde44b81f1f6",
    "-----BEGIN PGP SIGNATURE-----",
    "",
    ...signature,
    "-----END PGP SIGNATURE-----",
    "",
  ].join("\n");
}
