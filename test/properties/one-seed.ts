import fc from "fast-check";

/** What properties draw their cases from in `npm test`: a commit passes or fails the same everywhere. Fresh cases: `npm run properties`. */
const seedOfTheSuite = 7443;

fc.configureGlobal({ seed: seedOfTheSuite });
