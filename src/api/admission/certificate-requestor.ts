import { CertificateSigningRequestKind } from "../../model/kinds/certificates.ts";
import { isOfKind } from "../shape.ts";
import type { Admission } from "../admission-plugin.ts";

/** Writes into a request for a certificate who made it, whatever it says itself. @see kubernetes pkg/registry/certificates/certificates/strategy.go PrepareForCreate */
export const certificateRequestor: Admission = {
  name: "CertificateRequestor",
  handles: ({ operation, kind, subresource }) => operation === "create" && kind === CertificateSigningRequestKind && subresource === undefined,
  admit(object, { user }) {
    if (!isOfKind(CertificateSigningRequestKind, object)) return object;
    const { username: _name, uid: _uid, groups: _groups, extra: _extra, ...spec } = object.spec;
    const { name, uid, groups, extra } = user;
    return { ...object, spec: { ...spec, username: name, ...(groups.length === 0 ? {} : { groups }), ...(uid === undefined ? {} : { uid }), ...(extra === undefined || Object.keys(extra).length === 0 ? {} : { extra }) } };
  },
};
