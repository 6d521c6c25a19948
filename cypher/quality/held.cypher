// How many touchpoints of each file the graph holds
// Answers: for each file of each load (both null: what came from none; a load without a file: what was anonymised, which no
// longer tells its file) its touchpoints, how many of them are set aside, how many anonymised, and the sum of their values.
// Parameters:
MATCH (t:Touchpoint|SetAside)
RETURN t.batch_id AS batch_id, t.file_number AS number, count(*) AS held, count(CASE WHEN t:SetAside THEN 1 END) AS set_aside,
       count(CASE WHEN t.touchpoint_id STARTS WITH 'erased:' THEN 1 END) AS anonymised, sum(t.value) AS value
ORDER BY batch_id, number
