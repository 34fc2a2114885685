// Lengths and areas on the ellipsoid (CGCS2000; WGS 84 differs by less than a tenth of a millimetre).
(function () {
  "use strict";
  const landuse = (window.landuse = window.landuse || {});
  const A = 6378137;
  const F = 1 / 298.257222101;
  const B = A * (1 - F);
  const E2 = F * (2 - F);
  const E = Math.sqrt(E2);
  const RADIANS = Math.PI / 180;

  // Metres between two places by Vincenty's inverse formula.
  landuse.distance = function (from, to) {
    const u1 = Math.atan((1 - F) * Math.tan(from.lat * RADIANS));
    const u2 = Math.atan((1 - F) * Math.tan(to.lat * RADIANS));
    const sin1 = Math.sin(u1), cos1 = Math.cos(u1), sin2 = Math.sin(u2), cos2 = Math.cos(u2);
    const apart = (to.lng - from.lng) * RADIANS;
    let lambda = apart;
    let sinS = 0, cosS = 1, sigma = 0, cosSqA = 0, cos2M = 0;
    for (let i = 0; i < 100; i++) {
      const sinL = Math.sin(lambda), cosL = Math.cos(lambda);
      sinS = Math.hypot(cos2 * sinL, cos1 * sin2 - sin1 * cos2 * cosL);
      if (sinS === 0) return 0;
      cosS = sin1 * sin2 + cos1 * cos2 * cosL;
      sigma = Math.atan2(sinS, cosS);
      const sinA = (cos1 * cos2 * sinL) / sinS;
      cosSqA = 1 - sinA * sinA;
      cos2M = cosSqA === 0 ? 0 : cosS - (2 * sin1 * sin2) / cosSqA;
      const c = (F / 16) * cosSqA * (4 + F * (4 - 3 * cosSqA));
      const before = lambda;
      lambda = apart + (1 - c) * F * sinA * (sigma + c * sinS * (cos2M + c * cosS * (2 * cos2M * cos2M - 1)));
      if (Math.abs(lambda - before) < 1e-12) break;
    }
    const uSq = (cosSqA * (A * A - B * B)) / (B * B);
    const k1 = 1 + (uSq / 16384) * (4096 + uSq * (uSq * (320 - 175 * uSq) - 768));
    const k2 = (uSq / 1024) * (256 + uSq * (uSq * (74 - 47 * uSq) - 128));
    const inner = cosS * (2 * cos2M * cos2M - 1) - (k2 / 6) * cos2M * (4 * sinS * sinS - 3) * (4 * cos2M * cos2M - 3);
    return B * k1 * (sigma - k2 * sinS * (cos2M + (k2 / 4) * inner));
  };

  // The area under one parallel as a length: Lambert's cylinder of the ellipsoid, true to area.
  function height(latitude) {
    const s = Math.sin(latitude * RADIANS);
    return ((A * (1 - E2)) / 2) * (s / (1 - E2 * s * s) + Math.atanh(E * s) / E);
  }

  // Square metres inside the places, whose sides are straight on that cylinder: within a county
  // that is the geodesic polygon to a few parts in a million.
  landuse.area = function (places) {
    if (places.length < 3) return 0;
    const x = places.map((one) => A * (one.lng - places[0].lng) * RADIANS);
    const y = places.map((one) => height(one.lat) - height(places[0].lat));
    let twice = 0;
    for (let i = 0, j = places.length - 1; i < places.length; j = i++) twice += x[j] * y[i] - x[i] * y[j];
    return Math.abs(twice) / 2;
  };
})();
