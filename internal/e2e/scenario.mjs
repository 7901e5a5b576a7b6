// The whole of it, one part after the other. The end of an access is looked at
// last, because it takes a while to come.
import { finish } from "./browser.mjs";
import { ask, approve, ends } from "./job.mjs";
import { accounts } from "./accounts.mjs";
import { work } from "./work.mjs";

const mara = await ask();
await approve();
await accounts(mara);
await work();
await ends(mara);
await finish();
