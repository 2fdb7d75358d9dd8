// Package replay lets the roll-out of Decision 28/2018/QĐ-TTg happen once more, day by day, with the operator's own controllers of agencies and
// plans on a clock that the test moves. What the agencies do is in testdata/script.txt and is made up; when the plan's milestones are due is
// not. Where each agency must stand at every moment is in testdata/expected.txt, written by hand from the words of the decision and the script.
//
// There are tests only. They need no cluster.
package replay
