import { pickerSuite } from "../picker.suite.ts";
import { maglev } from "./maglev.ts";

pickerSuite(maglev);
