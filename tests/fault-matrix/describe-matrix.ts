import { openMatrix, type Matrix } from './open-matrix';
import { runRow, type FaultRow, type MatrixFake, type MatrixKind, type RowReport } from './run-row';

/**
 * Tests of the rows: each one from publish to what is found at the destination. They all run at the same time, each with a site,
 * a connection and a fake of its own, as most of them wait.
 */
export function describeMatrix<Fake extends MatrixFake>(kind: MatrixKind<Fake>, rows: readonly FaultRow<Fake>[]): void {
  describe(`the fault matrix: ${kind.consumer}`, () => {
    let matrix: Matrix;
    let reports: Map<FaultRow<Fake>, Promise<RowReport>>;

    beforeAll(async () => {
      matrix = await openMatrix(kind.consumer, kind.create());
      reports = new Map(rows.map((row) => [row, runRow(matrix, kind, row)]));
      for (const report of reports.values()) report.catch(() => {}); // each test awaits its own
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
