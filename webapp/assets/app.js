// What every page loads: the behaviour of Tabler's menus and dialogs, and htmx.

import "@tabler/core/dist/js/tabler.min.js";
import htmx from "htmx.org";
import "./bell.js";

window.htmx = htmx;
// Nothing may be made from text at run time, and styles come from the style sheet: the pages' CSP forbids both.
htmx.config.allowEval = false;
htmx.config.includeIndicatorStyles = false;
htmx.config.selfRequestsOnly = true;
