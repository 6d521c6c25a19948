// What was loaded, and what was left out
// Answers: for each set of files (none: touchpoints that came through the API; of many the first five are named) how often
// it was loaded and how many loads were interrupted and not completed since; the rows received, stored, there already (duplicate) and put in quarantine by all of
// them (rows that left quarantine later count as what they were then); and the rows and bad rows of the files themselves, however often they were loaded; and whether they were made up
// by the generator.
// Parameters:
//   $known_at  text, an ISO 8601 instant, or null: only loads that began by then, e.g. null
:params {known_at: null};
MATCH (l:Load)
WHERE ($known_at IS NULL OR l.started_at <= datetime($known_at)) AND l.replay IS NULL
WITH l ORDER BY l.started_at, l.batch_id
WITH l.files AS files, l.sha256 AS sha256, count(*) AS loads, CASE WHEN last(collect(l)).received IS NULL THEN 1 ELSE 0 END AS interrupted,
     sum(l.received) AS received, sum(l.stored) AS stored, sum(l.duplicate) AS duplicate,
     sum(l.quarantined) AS quarantined, count(CASE WHEN l.synthetic THEN 1 END) > 0 AS synthetic,
     last(collect(CASE WHEN l.received IS NOT NULL THEN l {.received, .quarantined} END)) AS latest
RETURN reduce(text = head(files), name IN files[1..5] | text + ', ' + name)
         + CASE WHEN size(files) > 5 THEN ' and ' + (size(files) - 5) + ' more' ELSE '' END AS files, loads, interrupted, received, stored,
       duplicate, quarantined,
       CASE WHEN size(sha256) = 0 THEN received ELSE latest.received END AS rows,
       CASE WHEN size(sha256) = 0 THEN quarantined ELSE latest.quarantined END AS bad_rows,
       synthetic
ORDER BY files, sha256
