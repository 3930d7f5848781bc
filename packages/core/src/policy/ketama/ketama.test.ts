import { pickerSuite } from "../picker.suite.ts";
import { ketama } from "./ketama.ts";

pickerSuite(ketama);
