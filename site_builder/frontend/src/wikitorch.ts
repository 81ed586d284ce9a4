// What a page does beyond being read. Everything here may be missing: the page is complete without it.
import { offerBibliography } from "./bibliography";
import { openFolds } from "./folds";
import { nameLandmarks } from "./landmarks";
import { placeLocalGraph } from "./local-graph";
import { showMarginNotes } from "./margin-notes";
import { onEachPage } from "./page";
import { showPreviews } from "./preview";
import { makeScrollersReachable } from "./scrollers";
import { hearEveryInput, reportSearches } from "./search/report";
import { listShortcutsOnRequest } from "./shortcuts";

onEachPage((left) => {
  nameLandmarks();
  placeLocalGraph(left);
  offerBibliography();
  openFolds(left);
  makeScrollersReachable(left);
  showMarginNotes(left);
  showPreviews(left);
});
listShortcutsOnRequest();
hearEveryInput();
reportSearches();
