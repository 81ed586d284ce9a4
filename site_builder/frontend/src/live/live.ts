// Makes the demonstrations of a page live. Only a page that `wikitorch serve --live` serves loads this.
import { onEachPage } from "../page";
import { Notebook } from "./notebook";

onEachPage(() => {
  document.querySelectorAll<HTMLElement>(".wt-notebook:not([data-live])").forEach((element) => {
    element.dataset["live"] = "";
    new Notebook(element);
  });
});
