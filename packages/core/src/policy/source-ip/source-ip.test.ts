import { pickerSuite } from "../picker.suite.ts";
import { sourceIp } from "./source-ip.ts";

pickerSuite(sourceIp);
