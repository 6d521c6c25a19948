// The names of the segments
// Answers: each segment's name.
// Parameters:
MATCH (s:Segment)
RETURN s.name AS name
ORDER BY name
