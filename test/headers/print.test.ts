import { expect } from 'chai';
import { evaluateC, missingCompiler } from '../support/headers/compiler';
import { committed, print } from '../support/headers/data';
import { MACHINES } from '../support/headers/machines';

/** Skips a test and prints what is missing. In CI nothing may be missing: there the test fails. */
function skipOutsideCI(context: Mocha.Context, missing: string): never {
  if (process.env['CI'] === 'true') throw new Error(missing);
  console.log(missing);
  return context.skip();
}

/*
 * Prints the numbers of the C headers again and compares them with the committed data. It takes a C compiler for
 * each machine; the other tests only read the data.
 */
describe('The C headers', () => {
  for (const machine of MACHINES) {
    it(`the headers for ${machine.name} define the committed values`, function () {
      const missing = missingCompiler(machine);
      if (missing !== undefined) skipOutsideCI(this, missing);
      expect(print(machine).values).to.deep.equal(committed(machine).values);
    });
  }

  it('the compiler rejects an unknown constant by name', function () {
    const missing = MACHINES.map(missingCompiler);
    const machine = MACHINES[missing.indexOf(undefined)];
    if (machine === undefined) skipOutsideCI(this, missing[0] ?? '');
    expect(() => evaluateC(['NO_SUCH_CONSTANT'], machine)).to.throw(/NO_SUCH_CONSTANT/);
  });
});
