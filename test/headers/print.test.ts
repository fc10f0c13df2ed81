import { expect } from 'chai';
import { evaluateC, missingCompiler } from '../support/headers/compiler';
import { committed, print } from '../support/headers/data';
import { MACHINES } from '../support/headers/machines';

/** Skips a test and prints the missing packages. In CI the test fails instead. */
function skipOutsideCI(context: Mocha.Context, missing: string): never {
  if (process.env['CI'] === 'true') throw new Error(missing);
  console.log(missing);
  return context.skip();
}

/*
 * Prints the values of the C headers again and compares them with the committed data. It needs a C compiler for each
 * machine; the other tests only read the data.
 */
describe('The header data', () => {
  for (const machine of MACHINES) {
    it(`equal the C headers of ${machine.name}`, function () {
      const missing = missingCompiler(machine);
      if (missing !== undefined) skipOutsideCI(this, missing);
      expect(print(machine).values).to.deep.equal(committed(machine).values);
    });
  }

  it('cannot contain an unknown constant: the compiler rejects it by name', function () {
    const missing = MACHINES.map(missingCompiler);
    const machine = MACHINES[missing.indexOf(undefined)];
    if (machine === undefined) skipOutsideCI(this, missing[0] ?? '');
    expect(() => evaluateC(['NO_SUCH_CONSTANT'], machine)).to.throw(/NO_SUCH_CONSTANT/);
  });
});
