// Run notebooks in one Pyodide, and print for each what run_cells.py says about its cells, and the processor's time.
// node run.mjs PYODIDE COURSE PACKAGES NOTEBOOK...: a copy of Pyodide, a folder with notebooks/ and data/, a folder with
// Python packages that Pyodide does not have, and notebooks, whose folders in notebooks/ are the working directories.
import { readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

const [pyodideFolder, course, packages, ...notebooks] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(join(pyodideFolder, "pyodide.mjs")));
const pyodide = await loadPyodide({ indexURL: pyodideFolder, packages: ["numpy", "matplotlib", "ipython"], stdout: () => {} });
pyodide.mountNodeFS("/course", course);
pyodide.mountNodeFS("/packages", packages);
pyodide.FS.writeFile("/run_cells.py", readFileSync(new URL("run_cells.py", import.meta.url)));
pyodide.runPython("import sys; sys.path[:0] = ['/', '/packages']");
const run = pyodide.pyimport("run_cells").run_cells;
for (const notebook of notebooks) {
  const text = readFileSync(notebook, "utf-8");
  for (const cell of JSON.parse(text).cells) // as the kernel does
    if (cell.cell_type === "code") await pyodide.loadPackagesFromImports([cell.source].flat().join(""));
  const started = process.cpuUsage();
  const results = run(text, `/course/notebooks/${basename(dirname(notebook))}`);
  const { user, system } = process.cpuUsage(started); // µs
  const cells = results.toJs({ dict_converter: Object.fromEntries });
  console.log(JSON.stringify({ cells, processor_seconds: (user + system) / 1e6 }));
}
