import { openMatrix, type Matrix } from './open-matrix';
import { runRow, type FaultRow, type MatrixFake, type MatrixKind, type RowReport } from './run-row';

const AT_ONCE = 9;

/**
 * Tests of the rows: each one from publish to what is found at the destination. Several run at the same time, each with a site, a
 * connection and a fake of its own, as most of them wait.
 */
export function describeMatrix<Fake extends MatrixFake>(kind: MatrixKind<Fake>, rows: readonly FaultRow<Fake>[]): void {
  describe(`the fault matrix: ${kind.consumer}`, () => {
    let matrix: Matrix;
    let reports: Map<FaultRow<Fake>, Promise<RowReport>>;

    beforeAll(async () => {
      matrix = await openMatrix(kind.consumer, kind.create());
      const lanes: Promise<unknown>[] = [];
      reports = new Map(
        rows.map((row, i) => {
          const turn = lanes[i % AT_ONCE] ?? Promise.resolve();
          const report = turn.then(() => runRow(matrix, kind, row));
          lanes[i % AT_ONCE] = report.catch(() => {}); // each test awaits its own
          return [row, report];
        }),
      );
    });
    afterAll(async () => {
      await matrix.close();
      await Promise.allSettled(reports.values());
    });

    it.each(rows)('$fault', async (row) => {
      const report = await reports.get(row);
      expect(report?.outcome).toEqual({ ...report?.outcome, ...row.expected });
      expect(report?.happened).toEqual([]);
    });
  });
}

/** The first row of each kind. */
export const oneOfEachKind = <Fake>(rows: readonly FaultRow<Fake>[]): FaultRow<Fake>[] =>
  rows.filter(({ kind }, i) => rows.findIndex((row) => row.kind === kind) === i);
