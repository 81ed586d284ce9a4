// The engine alone, for tests and measurements: an index held in memory.
import { errors } from "./distance";
import { items } from "./items";
import { search } from "./search";
import { type Load, Store } from "./store";
import { findWords, plain, termsOf } from "./tokens";

export const open = (load: Load): Promise<Store> => Store.open(load);
export { errors, findWords, items, plain, search, termsOf };
