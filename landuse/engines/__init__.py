"""Batches larger than one machine's memory: parts that are computed apart and agree exactly.

The tables of a run have the same bytes whether the batch is one (``landuse.pipeline``) or in
parts, in one process or on many machines, and wherever the input is cut. Nothing is estimated.

Rooms: ``parts`` (folders of work, cuts, frames between stages), ``reading`` (1), ``stages`` (2–5
and 7), ``ranks`` (6), ``output`` (8), ``plan`` (what larger runs cost); ``batch`` calls them in
this order. A part of a stage is one function of files to files, named by a number:

1. ``prepared``, ``split``: the inputs are read, checked and cut into ranges of parcel codes along
   administrative areas (``cuts``) and ranges of enterprises. Kept by the digests of inputs, rules
   and day. Rows about a parcel lie in the part of its code, whether it exists or not.
   With a limit of memory (``bounded``) big tables are never read as a whole. Those that
   are no Parquet are copied into such first, a file each (``staging``). A worker reads
   a span of a file (``spans``): once for what only all rows can say (one code of many, a box, zones
   counted; ``survey`` cuts by them, ``grounds`` finds the working system), once to bring the rows
   as they stand to the parts of their keys (``scatter``: a file of slices a span). Of rows the
   driver reads the heads of the files and those that corrections name (``corrected``: the cells
   that change go along with the spans); it also reads every byte of the inputs once, for their
   digests, and lists the files for everybody (``listing``). A span is whole row groups; of one on
   a disk some pages are held, of one in a store the whole group. ``checked`` has the ordinary
   readers check each part, ``halo`` finds parcels of different parts that lie on each other,
   ``agreed`` says what only whole tables can say (units, medians, absences, sums; totals that are
   stated, from exact sums of the rows between them), ``compose`` lays the parts out as ``split``.
   Tables without codes, text or headings that only all rows can settle, GeoParquet in archives and
   workbooks beyond the limit are read as a whole; each with its reason (``intake.strange``).
2. ``directory``: each part of the land tells the codes and names of its cells and whose points it
   holds; each part of the firms its own codes and names, and the smallest parcel of all parts for
   each point; both meet in buckets by the text. So a part knows whom it names, and nobody else.
3. ``land.match``: links, areas, prices, parks of each part; links a second time for each part of
   the firms, with the facts of their parcels (``slices``: rows that one part has for each other,
   one small block each). Of the zones and parks of the whole it reads those near it (``layers``).
   ``near``: near names and near codes, asked of all parts of the directory in two rounds.
4. Between (``between``, ``reference``): the reference price from exact sums of area × price; who is
   tied to land set aside; units of several enterprises by connected components over the links of
   shared parcels (under ``merge`` only; three texts a link).
5. ``firms.measure``: land and figures of each unit, from the links of all parts, as arrays that
   every later round reads (``units``); counts by cohort.
6. ``rounds`` over the graded units. Benchmarks from integer sums and floats summed exactly
   (``sums``), from extremes or counted values; the mean of what is missing; then scores of 6
   decimals as counts by cohort (``tallies``), written for whoever settles the cohort (``settle``):
   cut-off and line of every test follow there, rank and tie are looked up in his files. Through the
   driver pass two numbers a cohort and test; one worker holds the scores of one cohort.
7. ``firms.grade``: the published rows of each enterprise. ``evidence``: what images show of each
   parcel, and what follows for the image as a whole. ``published``: the rows of each parcel.
8. ``folder``: tables written part by part in their order, as the ordinary writer groups rows,
   from rows that their stage stored as they are published (``stored``): nothing is decoded.
   ``outputs`` (``--partitioned``): each part's rows as a file of its own, written where the part
   is; ``run.json`` names them all with their digests. Readers take either (``publish.reader``).
   Issues of all parts together in their canonical order (``notes``).

Who does the parts is a ``Crew`` (``job``): this process (``Here``) or workers of dask
(``dask_engine``). A part is written beside its place and renamed into it, so that what is there
is whole; a worker that dies loses only what it had not renamed, a run that stops goes on. One run
at a time has a folder of parts, and sweeps what killed runs left in it (``held``).

Parts lie in a folder of a disk that all workers see, or in an object store (``places``,
:mod:`landuse.stores`), and then no disk is shared. There a part is filled on the worker and sent,
its ``told.json`` last: without that it is not there. Stages do not know the difference: a file of
a part is fetched where it is opened, once for a worker and for as long as there is room; of
slices, and of big inputs in a store, nothing is fetched but the bytes that are read. The lock is an
object that the run writes anew every few seconds; one that nobody writes is taken over.

What parts cost is noted by ``timings`` on demand; from it ``predict`` computes runs of other sizes,
and ``cluster`` simulates them on many machines. No result depends on any of the three.

All parts of a round end before faults of the user's material are told, in one, as the ordinary run
tells them (``faults``). Not written: workbook, GeoPackage, map, which ``landuse export`` and
``landuse map`` make from the run folder. In one process: inputs that cannot be read in parts,
supply contracts (few), issues, names that no enterprise bears (30 bytes a name), links of shared
parcels under ``merge``.
"""
