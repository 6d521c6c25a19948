// End the membership of those who are not in a segment any more
// Answers: nothing; answers that were kept for the members before are not given again.
// Parameters:
//   $name  text: the segment, e.g. 'app lovers'
//   $build  text: the build that told who is in it
//   $at  instant: now, e.g. datetime('2026-01-31T12:00:00Z')
:params {name: 'app lovers', build: '01f0', at: datetime('2026-01-31T12:00:00Z')};
MATCH (s:Segment {name: $name})
SET s.built_at = $at
WITH s
CALL (s) {
  MATCH (s)<-[m:IN_SEGMENT]-(:Customer)
  WHERE m.until IS NULL AND m.build <> $build
  SET m.until = $at
}
MATCH (rules:Configuration {name: 'journeys'})
SET rules.segments_revision = coalesce(rules.segments_revision, 0) + 1
