// The whole scenario in order. The end of an access is checked last because it
// takes a while to happen.
import { finish } from "./browser.mjs";
import { requestWithoutApproval, requestWithApproval, accessEnds } from "./request.mjs";
import { accountCases } from "./accounts.mjs";
import { edgeCases } from "./edge-cases.mjs";

const mara = await requestWithoutApproval();
await requestWithApproval();
await accountCases(mara);
await edgeCases();
await accessEnds(mara);
await finish();
