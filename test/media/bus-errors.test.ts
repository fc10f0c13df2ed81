import { expect } from 'chai';
import { MediaError, ErrorFrame } from '../../src';
import { MEDIA_ERROR_CLASSES, mediaErrors } from '../../src/media/bus-errors';
import { checkErrorMask } from '../../src/raw/options';

const TX_TIMEOUT = 0x1;
const CONTROLLER = 0x4;
const BUS_OFF = 0x40;

/** The media errors of an error frame with these classes and this state of the controller (data[1]). */
function says(classes: number, state = 0): string[] {
  return mediaErrors(new ErrorFrame(classes, new Uint8Array([0, state, 0, 0, 0, 0, 0, 0])));
}

describe('The media errors of an error frame', () => {
  it('include each of the eight by itself', () => {
    expect({
      TxTimeout: says(TX_TIMEOUT),
      BusOff: says(BUS_OFF),
      RxOverflow: says(CONTROLLER, 0x01),
      TxOverflow: says(CONTROLLER, 0x02),
      RxWarning: says(CONTROLLER, 0x04),
      TxWarning: says(CONTROLLER, 0x08),
      RxPassive: says(CONTROLLER, 0x10),
      TxPassive: says(CONTROLLER, 0x20),
    }).to.deep.equal(Object.fromEntries(Object.entries(MediaError).map(([name, error]) => [name, [error]])));
  });

  it('include each error once when the frame reports several', () => {
    expect(says(TX_TIMEOUT | BUS_OFF | CONTROLLER, 0x3f)).to.have.members(Object.values(MediaError));
    expect(says(TX_TIMEOUT | BUS_OFF | CONTROLLER, 0x3f)).to.have.length(8);
    expect(says(CONTROLLER, 0x0c)).to.have.members(['rx-warning', 'tx-warning']);
  });

  it('are empty when the frame reports other events', () => {
    expect(says(CONTROLLER, 0)).to.deep.equal([]);
    expect(says(CONTROLLER, 0xc0), 'back to error-active').to.deep.equal([]);
    expect(says(0x1fff_ffff & ~(TX_TIMEOUT | CONTROLLER | BUS_OFF), 0xff)).to.deep.equal([]);
  });

  it('ignore the state of the controller without its class', () => {
    expect(says(TX_TIMEOUT, 0x3f)).to.deep.equal(['tx-timeout']);
  });

  it('belong to the error classes of pycyphal', () => {
    expect(checkErrorMask('The error mask', MEDIA_ERROR_CLASSES)).to.equal(TX_TIMEOUT | CONTROLLER | BUS_OFF);
  });
});
