import { pickerSuite } from "../picker.suite.ts";
import { ringHash } from "./ring-hash.ts";

pickerSuite(ringHash);
